# SPDX-License-Identifier: MIT
"""Lesson 3: the weight gradient of the example of lesson 1, three times: by its formula, as a
matrix product, and by difference quotients of the loss."""

X = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]]
W = [1, 2, 0, 0, 1, -1, 2, 0, 1]
DY = [1, 2, 0, -1]


def pixel(y, x):
    return X[y][x] if 0 <= y < 4 and 0 <= x < 4 else 0


windows = [[pixel(oy * 2 + ky - 1, ox * 2 + kx - 1) for ky in range(3) for kx in range(3)]
           for oy in range(2) for ox in range(2)]


def loss(w):
    """Any loss whose gradient in y is DY: the simplest is the sum of dy y."""
    y = [sum(a * b for a, b in zip(window, w)) for window in windows]
    return sum(a * b for a, b in zip(DY, y))


by_formula = [0] * 9
for oy in range(2):
    for ox in range(2):
        for ky in range(3):
            for kx in range(3):
                by_formula[3 * ky + kx] += (DY[2 * oy + ox] *
                                            pixel(oy * 2 + ky - 1, ox * 2 + kx - 1))
by_product = [sum(dy * window[q] for dy, window in zip(DY, windows)) for q in range(9)]
by_difference = []
for q in range(9):
    more, less = W[:], W[:]
    more[q] += 0.5
    less[q] -= 0.5
    by_difference.append(loss(more) - loss(less))

for name, dw in [("formula", by_formula), ("product", by_product),
                 ("difference", by_difference)]:
    print(f"{name:10}", *(f"{value:g}" for value in dw))
print("loss", loss(W), " sum of dw w", sum(a * b for a, b in zip(by_formula, W)))
