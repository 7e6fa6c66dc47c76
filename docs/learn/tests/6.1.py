# SPDX-License-Identifier: MIT
"""Exercise 6.1: the page's example, unequal chunks, and a large mean."""
from fractions import Fraction

from kit import run, same


def test(exercise):
    for name, chunks in {
            "1 7 and 9 15": [[1, 7], [9, 15]],
            "a single number": [[5]],
            "unequal chunks": [[1, 2, 3], [10], [4, 4, 4, 5]],
            "a mean of 2^40": [[2.0 ** 40 + v for v in chunk]
                               for chunk in ([0, 1, 3], [2, 2], [5, 1, 0, 2])],
    }.items():
        numbers = [Fraction(v) for chunk in chunks for v in chunk]
        mean = sum(numbers) / len(numbers)
        squares = sum((v - mean) ** 2 for v in numbers)
        found = exercise.statistics(chunks)
        same(f"{name}: the mean", found[0], float(mean), 1e-12)
        same(f"{name}: the squares", found[1], float(squares), 1e-3)


run(test)
