# SPDX-License-Identifier: MIT
"""Lesson 12: F(2, 3) by hand, forward and weight gradient, in one dimension; then the
matrices of F(2, 3) and F(4, 3) from their points, and the rounding errors of two choices of
points."""
from array import array
from fractions import Fraction
from math import sqrt
from random import Random


def matrices(m, points):
    """A^T, G and B^T of F(m, 3) for m + 1 points, with infinity as the last: A^T and G are
    values of polynomials, B^T has the coefficients of those that are 1 at one point and 0 at
    the others."""
    at = [[p ** i for p in points] + [int(i == m - 1)] for i in range(m)]
    g = [[p ** j for j in range(3)] for p in points] + [[0, 0, 1]]
    bt = []
    for k, p in enumerate(points):
        row = [1]
        for other in points[:k] + points[k + 1:]:
            scale = 1 / (p - other)
            row = [(low - other * high) * scale for low, high in zip([0] + row, row + [0])]
        bt.append(row + [0])
    row = [1]
    for other in points:
        row = [low - other * high for low, high in zip([0] + row, row + [0])]
    return at, g, bt + [row]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


d, taps, dy = [2, 1, 3, 4], [1, 2, 3], [1, 2]
v = [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]
u = [taps[0], sum(taps) / 2, (taps[0] - taps[1] + taps[2]) / 2, taps[2]]
m = [a * b for a, b in zip(v, u)]
print("V", *v, " U", *(f"{x:g}" for x in u), " products", *(f"{x:g}" for x in m))
print("y", f"{m[0] + m[1] + m[2]:g} {m[1] - m[2] - m[3]:g}", " directly",
      *(sum(d[i + j] * taps[j] for j in range(3)) for i in range(2)))
z = [dy[0], dy[0] + dy[1], dy[0] - dy[1], -dy[1]]
du = [a * b for a, b in zip(v, z)]
print("Z", *z, " dU", *du, " dg",
      f"{du[0] + (du[1] + du[2]) / 2:g} {(du[1] - du[2]) / 2:g} {(du[1] + du[2]) / 2 + du[3]:g}",
      " directly", *(sum(d[i + j] * dy[i] for i in range(2)) for j in range(3)))

_, _, bt = matrices(2, [Fraction(0), Fraction(1), Fraction(-1)])
print("B^T of the points 0, 1, -1:", *(f"({' '.join(str(x) for x in row)})" for row in bt))


def rounded(x):
    return array("f", [x])[0]


def error(points):
    """The root of the mean square error of F(4, 3) in single precision."""
    at, g, bt = matrices(4, points)
    random, total, count = Random(1), 0.0, 3000
    for _ in range(count):
        d = [rounded(random.uniform(-1, 1)) for _ in range(6)]
        taps = [rounded(random.uniform(-1, 1)) for _ in range(3)]
        v, u = ([rounded(x) for x in times(bt, d)], [rounded(x) for x in times(g, taps)])
        y = [rounded(x) for x in times(at, [rounded(a * b) for a, b in zip(v, u)])]
        total += sum((y[i] - sum(d[i + j] * taps[j] for j in range(3))) ** 2 for i in range(4))
    return sqrt(total / count / 4)


q = sqrt(2)
print(f"error with points 0, 1, -1, 2, -2:          {error([0, 1, -1, 2, -2]):.1e}")
print(f"error with points 0, q/2, -q/2, q, -q:      {error([0, q / 2, -q / 2, q, -q]):.1e}")
