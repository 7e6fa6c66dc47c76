# SPDX-License-Identifier: MIT
"""Exercise 12.2: counts multiplications."""
from counting import Number, counted, values
from kit import run, same


def test(exercise):
    for seed in range(3):
        d = [[(7 * i + 3 * j + 5 * seed) % 11 - 5 for j in range(4)] for i in range(4)]
        g = [[(5 * i + 2 * j + 3 * seed) % 7 - 3 for j in range(3)] for i in range(3)]
        found = counted(16, exercise.filter_square,
                        [[Number(x) for x in row] for row in d],
                        [[Number(x) for x in row] for row in g])
        same(f"d {d}, g {g}: y", [values(row) for row in found],
             [[sum(d[a + i][b + j] * g[i][j] for i in range(3) for j in range(3))
               for b in range(2)] for a in range(2)])


run(test)
