# SPDX-License-Identifier: MIT
"""Exercise 9.3: a chain, and two residual blocks."""
from kit import run, same


def test(exercise):
    same("a chain: the order", exercise.backward_order([[], [0], [1], [2]]),
         [(3, 2, "writes"), (2, 1, "writes")])
    # 1 stem, 2 conv, 3 conv + stem, 4 conv, 5 conv + node 3
    same("two blocks: the order",
         exercise.backward_order([[], [0], [1], [2, 1], [3], [4, 3]]),
         [(5, 4, "writes"), (5, 3, "writes"), (4, 3, "adds"), (3, 2, "writes"),
          (3, 1, "writes"), (2, 1, "adds")])
    same("an output used three times: the order",
         exercise.backward_order([[], [0], [1], [1], [2, 3], [4, 1]]),
         [(5, 4, "writes"), (5, 1, "writes"), (4, 2, "writes"), (4, 3, "writes"),
          (3, 1, "adds"), (2, 1, "adds")])


run(test)
