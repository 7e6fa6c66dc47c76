# SPDX-License-Identifier: MIT
"""Exercise 7.1: logits whose exponentials are whole numbers, and large ones."""
from math import log

from kit import run, same


def test(exercise):
    z = [log(1), log(2), log(5)]
    for label, wanted in enumerate([log(8), log(4), log(1.6)]):
        same(f"log 1, log 2, log 5; label {label}: the loss", exercise.loss(z, label), wanted,
             1e-9)
    same("three equal logits: the loss", exercise.loss([7.0, 7.0, 7.0], 0), log(3), 1e-9)
    same("logits 10000 and 9000, label 1: the loss", exercise.loss([10000.0, 9000.0], 1),
         1000.0, 1e-9)
    same("logits 10000 and 9000, label 0: the loss", exercise.loss([10000.0, 9000.0], 0), 0.0,
         1e-9)
    same("logits -10000 and -10000, label 1: the loss",
         exercise.loss([-10000.0, -10000.0], 1), log(2), 1e-9)


run(test)
