# SPDX-License-Identifier: MIT
"""Exercise 12.1: counts multiplications."""
from counting import Number, counted, values
from kit import run, same


def test(exercise):
    for d, g in [([2, 1, 3, 4], [1, 2, 3]), ([1, 0, 0, 0], [5, 6, 7]), ([0, 0, 0, 1], [5, 6, 7]),
                 ([3, -2, 5, 7], [-1, 4, 2])]:
        found = counted(4, exercise.filter_two, [Number(x) for x in d], [Number(x) for x in g])
        same(f"d {d}, g {g}: y", values(found),
             [sum(d[i + j] * g[j] for j in range(3)) for i in range(2)])


run(test)
