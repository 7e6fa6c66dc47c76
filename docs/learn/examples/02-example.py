# SPDX-License-Identifier: MIT
"""Lesson 2: the convolution of lesson 1 as a matrix product: one row for each window, one
column for each out channel. The second out channel has nine ones as weights."""

X = [[1, 2, 0, 1],
     [0, 1, 3, 1],
     [2, 1, 0, 0],
     [1, 0, 1, 2]]
W = [[1, 2, 0, 0, 1, -1, 2, 0, 1],
     [1, 1, 1, 1, 1, 1, 1, 1, 1]]
KERNEL, STRIDE, PAD, OUT = 3, 2, 1, 2


def pixel(y, x):
    return X[y][x] if 0 <= y < 4 and 0 <= x < 4 else 0


windows = [[pixel(oy * STRIDE + ky - PAD, ox * STRIDE + kx - PAD)
            for ky in range(KERNEL) for kx in range(KERNEL)]
           for oy in range(OUT) for ox in range(OUT)]
y = [[sum(a * b for a, b in zip(window, w)) for w in W] for window in windows]

for window, row in zip(windows, y):
    print("window", *window, "  gives", *row)
print("pixels of x: 16, numbers in the matrix of windows:", sum(map(len, windows)))
