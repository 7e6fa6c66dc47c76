# SPDX-License-Identifier: MIT
"""
Exercise 2.3: the product, tile by tile.

There are `points` windows. gather(first, count) returns the windows first .. first + count
- 1 as a list of lists of numbers; there is room for `tile` windows at a time, no more.
`weights` is a list with one list of numbers for each out channel. Return the list of all
output pixels, each a list with one number for each out channel. Gather each window once.
"""


def convolve(points, tile, gather, weights):
    pixels = []
    for first in range(0, points, tile):
        windows = gather(first, min(tile, points - first))
        pixels += [[sum(a * b for a, b in zip(window, w)) for w in weights]
                   for window in windows]
    return pixels
