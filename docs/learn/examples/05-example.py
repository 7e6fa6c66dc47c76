# SPDX-License-Identifier: MIT
"""Lesson 5: max pooling of the picture of lesson 1 (3 x 3, stride 2, one pixel of padding),
forward and backward, and the mean over all pixels."""

X = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]]
DY = [[1, 2], [0, -1]]
SIZE, OUT, KERNEL, STRIDE, PAD = 4, 2, 3, 2, 1

y = [[None] * OUT for _ in range(OUT)]
place = [[None] * OUT for _ in range(OUT)]   # the cell of the window that won
for oy in range(OUT):
    for ox in range(OUT):
        best = float("-inf")
        for row in range(KERNEL):
            for column in range(KERNEL):
                iy, ix = oy * STRIDE - PAD + row, ox * STRIDE - PAD + column
                if 0 <= iy < SIZE and 0 <= ix < SIZE and X[iy][ix] > best:
                    best, place[oy][ox] = X[iy][ix], KERNEL * row + column
        y[oy][ox] = best
print("y", y, " cells", place)

dx = [[0] * SIZE for _ in range(SIZE)]
for iy in range(SIZE):
    for ix in range(SIZE):
        for oy in range(OUT):
            for ox in range(OUT):
                row, column = iy + PAD - oy * STRIDE, ix + PAD - ox * STRIDE
                if (0 <= row < KERNEL and 0 <= column < KERNEL and
                        place[oy][ox] == KERNEL * row + column):
                    dx[iy][ix] += DY[oy][ox]
for row in dx:
    print("dx", *(f"{value:2}" for value in row))
print("sum of dx:", sum(map(sum, dx)), " sum of dy:", sum(map(sum, DY)))

mean = sum(map(sum, X)) / 16
print(f"mean {mean:g}, and each pixel's share of a gradient of 8: {8 / 16:g}")
