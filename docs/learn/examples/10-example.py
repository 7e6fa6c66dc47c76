# SPDX-License-Identifier: MIT
"""Lesson 10: a residual block of two small matrices in place of convolutions, forward and
backward; then what depth does to a gradient, with and without shortcuts."""

W1, W2 = [[1, -1], [-2, 1]], [[1, 0], [3, 1]]
X, DY = [2, 1], [1, -2]


def times(w, v):
    return [sum(a * b for a, b in zip(row, v)) for row in w]


def transposed(w):
    return [list(column) for column in zip(*w)]


def outer(a, b):
    return [[p * q for q in b] for p in a]


z = times(W1, X)
r = [max(0, v) for v in z]
branch = times(W2, r)
y = [max(0, a + b) for a, b in zip(X, branch)]
print("branch: W1 x =", z, " relu", r, " W2 relu =", branch, " y =", y)

g = [d if v > 0 else 0 for d, v in zip(DY, y)]           # both paths get this
dr = times(transposed(W2), g)
dz = [d if v > 0 else 0 for d, v in zip(dr, z)]
dx = [a + b for a, b in zip(g, times(transposed(W1), dz))]
print("g =", g, " dr =", dr, " dz =", dz, " dx =", dx)
print("dW1 =", outer(dz, X), " dW2 =", outer(g, r))

for depth in (2, 8, 16):
    print(f"{depth:2} layers y = x/2: gradient {0.5 ** depth:.2e};"
          f" {depth:2} blocks y = x + x/16: {(1 + 1 / 16) ** depth:.2f}")
