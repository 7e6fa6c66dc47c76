# SPDX-License-Identifier: MIT
"""Exercise 7.3: by hand; the gradient adds up to 0."""
from math import log

from kit import run, same


def test(exercise):
    z = [log(1), log(2), log(5)]
    loss, gradient = exercise.weighted(z, 1, [1.0, 4.0, 1.0])
    same("log 1, log 2, log 5; label 1 of weight 4: the loss", loss, 4 * log(4), 1e-12)
    same("the gradient", gradient, [0.5, -3.0, 2.5], 1e-12)
    loss, gradient = exercise.weighted(z, 2, [1.0, 4.0, 1.0])
    same("label 2 of weight 1: the loss", loss, log(1.6), 1e-12)
    same("the gradient", gradient, [0.125, 0.25, -0.375], 1e-12)
    loss, gradient = exercise.weighted([1000.0, 0.0], 1, [1.0, 0.5])
    same("logits 1000 and 0, label 1 of weight 0.5: the loss", loss, 500.0, 1e-12)
    same("the gradient", gradient, [0.5, -0.5], 1e-12)


run(test)
