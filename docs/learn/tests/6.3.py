# SPDX-License-Identifier: MIT
"""Exercise 6.3: both forms give the same outputs."""
from math import sqrt

from kit import run, same


def test(exercise):
    folded, biases = exercise.fold([[1.0, 2.0], [3.0, -1.0]], [6.0, 1.0], [5.0, 0.0],
                                   [2.0, -4.0], [9.0, 4.0], 0.0)
    same("the folded weights", folded, [[2.0, 4.0], [1.5, -0.5]], 1e-12)
    same("the biases", biases, [1.0, 2.0], 1e-12)

    weights, window = [[0.5, -1.5, 2.0]], [3.0, 1.0, -2.0]
    gamma, beta, mean, var, epsilon = [0.7], [0.1], [-0.3], [2.5], 1e-5
    folded, biases = exercise.fold(weights, gamma, beta, mean, var, epsilon)
    out = sum(a * b for a, b in zip(weights[0], window))
    same("an output of the folded layer",
         sum(a * b for a, b in zip(folded[0], window)) + biases[0],
         (out - mean[0]) / sqrt(var[0] + epsilon) * gamma[0] + beta[0], 1e-12)


run(test)
