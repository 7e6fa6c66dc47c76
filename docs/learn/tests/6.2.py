# SPDX-License-Identifier: MIT
"""Exercise 6.2: the page's example, then difference quotients of forward."""
from math import sqrt

from kit import run, same


def forward(x, weight, bias):
    mean = sum(x) / len(x)
    invstd = 1 / sqrt(sum((v - mean) ** 2 for v in x) / len(x) + 1e-5)
    return [max(0.0, weight * (v - mean) * invstd + bias) for v in x], mean, invstd


def test(exercise):
    dx, dweight, dbias = exercise.backward([8.0, 0.0, -40.0, 20.0], [1.0, 7.0, 9.0, 15.0],
                                           [0.0, 1.0, 5.0, 17.0], 10.0, 8.0, 0.2)
    same("the page's example: dbias", dbias, -20.0, 1e-12)
    same("the page's example: dweight", dweight, 20.0, 1e-12)
    same("the page's example: dx", dx, [24.0, 12.0, -72.0, 36.0], 1e-12)

    x, dy, weight, bias = [0.3, -1.2, 2.5, 0.9, -0.4], [1.0, -2.0, 0.5, 3.0, 0.25], 1.7, 0.6
    y, mean, invstd = forward(x, weight, bias)
    dx, dweight, dbias = exercise.backward(dy, x, y, weight, mean, invstd)

    def loss(values, w, b):
        return sum(d * v for d, v in zip(dy, forward(values, w, b)[0]))

    h = 1e-5
    for i in range(len(x)):
        more, less = x[:], x[:]
        more[i] += h
        less[i] -= h
        same(f"dx[{i}]", dx[i], (loss(more, weight, bias) - loss(less, weight, bias)) / 2 / h,
             1e-6)
    same("dweight", dweight, (loss(x, weight + h, bias) - loss(x, weight - h, bias)) / 2 / h,
         1e-6)
    same("dbias", dbias, (loss(x, weight, bias + h) - loss(x, weight, bias - h)) / 2 / h, 1e-6)


run(test)
