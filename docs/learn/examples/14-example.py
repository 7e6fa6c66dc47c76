# SPDX-License-Identifier: MIT
"""Lesson 14: six micro-batches whose gradients are floats of different size, added along the
tree by one rank, by two and by three; and as a chain by two ranks, for comparison."""
import struct


def f(x):
    """Rounded to a float."""
    return struct.unpack("f", struct.pack("f", x))[0]


LEAVES = [f(x) for x in (16777216, 1, 1, 1, 0.5, -16777216)]
N = len(LEAVES)


def rise(level, number):
    """At the right edge a sum without a sibling stands for its parent."""
    while number > 0 and number % 2 == 0 and number + 1 > (N - 1) >> level:
        level, number = level + 1, number // 2
    return level, number


def add(waiting, level, number, value, text):
    """Adds a sum to those that wait, and joins siblings as long as there are any."""
    waiting.append((level, number, value, text))
    while waiting:
        level, number, value, text = waiting.pop()
        level, number = rise(level, number)
        if waiting and number % 2 == 1 and waiting[-1][:2] == (level, number - 1):
            _, _, left, before = waiting.pop()
            waiting.append((level + 1, number // 2, f(left + value), f"({before}+{text})"))
        else:
            waiting.append((level, number, value, text))
            return


for ranks in (1, 2, 3):
    everything = []
    for rank in range(ranks):
        own = []
        first, end = N * rank // ranks, N * (rank + 1) // ranks
        for leaf in range(first, end):
            add(own, 0, leaf, LEAVES[leaf], str(leaf))
        print(f"{ranks} ranks: rank {rank} has {first} to {end - 1}, and ends with",
              *(text for _, _, _, text in own))
        everything += own
    together = []
    for one in everything:
        add(together, *one)
    print(f"    together {together[0][3]} = {together[0][2]}")

left, right = 0.0, 0.0
for leaf in LEAVES[:3]:
    left = f(left + leaf)
for leaf in LEAVES[3:]:
    right = f(right + leaf)
chain = 0.0
for leaf in LEAVES:
    chain = f(chain + leaf)
print(f"as a chain: one rank {chain}, two ranks {f(left + right)}")
