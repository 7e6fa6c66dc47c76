# SPDX-License-Identifier: MIT
"""Exercise 8.2: the rates that `im2cat train --lr 0.002` writes for eight steps, and the
turning points of other lengths."""
from kit import run, same

STEPS = [(8e-05, 0.95), (0.00104, 0.9), (0.002, 0.85), (0.00186602674, 0.85669873),
         (0.001500005, 0.875), (0.00100001, 0.9), (0.000500015, 0.925),
         (0.000133993256, 0.94330127)]


def test(exercise):
    for i, (rate, momentum) in enumerate(STEPS):
        found = exercise.rates(i, 8, 0.002)
        same(f"8 steps, step {i}: 1000 times the rate", 1000 * found[0], 1000 * rate, 1e-7)
        same(f"8 steps, step {i}: the momentum", found[1], momentum, 1e-7)
    found = exercise.rates(25, 100, 3.0)
    same("100 steps, step 25: the rate", found[0], 3.0, 1e-9)
    same("100 steps, step 25: the momentum", found[1], 0.85, 1e-9)
    found = exercise.rates(0, 7, 1.0)
    same("7 steps, step 0: the rate", found[0], 0.04, 1e-9)


run(test)
