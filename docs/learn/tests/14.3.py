# SPDX-License-Identifier: MIT
"""Exercise 14.3: all stretches of 16 leaves, against the largest nodes that fit."""
from kit import run, same


def largest_nodes(first, end):
    nodes = []
    while first < end:
        level = 0
        while first % 2 ** (level + 1) == 0 and first + 2 ** (level + 1) <= end:
            level += 1
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def test(exercise):
    same("leaves 0 to 2: the list of sums", exercise.sums_left(0, 3), [(1, 0), (0, 2)])
    same("leaves 3 to 5: the list of sums", exercise.sums_left(3, 6), [(0, 3), (1, 2)])
    for first in range(16):
        for end in range(first + 1, 17):
            same(f"leaves {first} to {end - 1}: the list of sums", exercise.sums_left(first, end),
                 largest_nodes(first, end))


run(test)
