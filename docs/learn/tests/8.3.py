# SPDX-License-Identifier: MIT
"""Exercise 8.3: short lists, against all subsequences."""
from itertools import combinations

from kit import run, same


def by_search(losses):
    for n in range(len(losses), 0, -1):
        ends = [c[-1] for c in combinations(range(len(losses)), n)
                if all(losses[a] > losses[b] for a, b in zip(c, c[1:]))]
        if ends:
            return max(0, min(ends) - n + n // 3 + n // 6)
    return 0


def test(exercise):
    for losses in [[9, 8, 7, 6, 5, 4, 3, 2, 1, 5, 9],
                   [5, 5, 5, 5],
                   [9, 8, 9, 7, 9, 6, 9, 5, 9, 4],
                   [3, 9, 8, 2, 7, 6, 5, 8, 4, 9, 9],
                   [1, 2, 3],
                   [7, 6, 8, 5, 4, 6, 3, 2, 4, 1, 2, 9]]:
        same(f"losses {losses}: the index", exercise.valley(losses), by_search(losses))


run(test)
