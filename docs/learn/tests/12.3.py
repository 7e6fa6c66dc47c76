# SPDX-License-Identifier: MIT
"""Exercise 12.3: counts multiplications."""
from counting import Number, counted, values
from kit import run, same


def test(exercise):
    for d, dy in [([2, 1, 3, 4], [1, 2]), ([1, 0, 0, 0], [5, 6]), ([3, -2, 5, 7], [-1, 4])]:
        found = counted(4, exercise.taps_gradient, [Number(x) for x in d],
                        [Number(x) for x in dy])
        same(f"d {d}, dy {dy}: dg", values(found),
             [sum(dy[i] * d[i + j] for i in range(2)) for j in range(3)])


run(test)
