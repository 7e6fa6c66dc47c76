# SPDX-License-Identifier: MIT
"""
Exercise 10.3: a residual block, backward.

forward:  z = W1 x,  r = relu(z),  y = relu(x + W2 r)

W1 and W2 are square lists of lists, x and dy lists. Return (dx, dW1, dW2).
"""


def times(w, v):
    return [sum(a * b for a, b in zip(row, v)) for row in w]


def transposed(w):
    return [list(column) for column in zip(*w)]


def outer(a, b):
    return [[p * q for q in b] for p in a]


def backward(w1, w2, x, dy):
    z = times(w1, x)
    r = [max(0, v) for v in z]
    y = [max(0, a + b) for a, b in zip(x, times(w2, r))]
    g = [d if v > 0 else 0 for d, v in zip(dy, y)]
    dr = times(transposed(w2), g)
    dz = [d if v > 0 else 0 for d, v in zip(dr, z)]
    dx = [a + b for a, b in zip(g, times(transposed(w1), dz))]
    return dx, outer(dz, x), outer(g, r)
