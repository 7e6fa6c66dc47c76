# SPDX-License-Identifier: MIT
"""Exercise 8.1: the page's two steps, then decay and epsilon."""
from kit import run, same


def test(exercise):
    p, m, v = exercise.adam(10.0, 0.0, 0.0, 4.0, 1, 1.0, 0.0, 0.5, 0.75, 0.0)
    same("the page's first step: (p, m, v)", [p, m, v], [9.0, 2.0, 4.0], 1e-12)
    p, m, v = exercise.adam(p, m, v, -4.0, 2, 1.0, 0.0, 0.5, 0.75, 0.0)
    same("the page's second step: (p, m, v)", [p, m, v], [9 + 1 / 3, -1.0, 7.0], 1e-12)
    p, m, v = exercise.adam(8.0, 0.0, 0.0, 3.0, 1, 0.5, 0.25, 0.5, 0.75, 1.0)
    same("with decay 1/4, rate 1/2, epsilon 1: (p, m, v)", [p, m, v], [7 - 0.375, 1.5, 2.25],
         1e-12)
    p, m, v = exercise.adam(8.0, 0.0, 0.0, 0.0, 1, 0.5, 0.25, 0.9, 0.99, 1e-5)
    same("without a gradient: (p, m, v)", [p, m, v], [7.0, 0.0, 0.0], 1e-12)


run(test)
