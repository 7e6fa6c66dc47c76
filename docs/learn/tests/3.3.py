# SPDX-License-Identifier: MIT
"""Exercise 3.3: quadratic functions, where central differences are exact."""
from kit import run, same


def test(exercise):
    w = [3.0, -1.0, 2.0]
    same("the gradient of w0 + 2 w1 at (3, -1, 2)",
         exercise.numeric_gradient(lambda v: v[0] + 2 * v[1], w, 0.5), [1.0, 2.0, 0.0])
    same("the gradient of w0^2 + w1 w2 at (3, -1, 2)",
         exercise.numeric_gradient(lambda v: v[0] ** 2 + v[1] * v[2], w, 0.5),
         [6.0, 2.0, -1.0])
    same("w afterwards", w, [3.0, -1.0, 2.0])
    # (w + h)^3 - (w - h)^3 = 6 w^2 h + 2 h^3: off by h^2
    same("the quotient of w0^3 at 2 with h = 1/4",
         exercise.numeric_gradient(lambda v: v[0] ** 3, [2.0], 0.25), [12.0625])


run(test)
