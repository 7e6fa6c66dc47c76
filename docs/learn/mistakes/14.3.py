# SPDX-License-Identifier: MIT
"""
Exercise 14.3: which sums a rank ends with.

The tree has a whole power of two of leaves. A rank computes the leaves first .. end - 1 and
adds siblings as soon as it has both; a sum whose sibling has leaves of another rank waits.
Node (level, number) is the sum of the leaves number * 2^level up to, but not including,
(number + 1) * 2^level.

Return the list of (level, number) that are left, in the order of their leaves. It is the
shortest list of nodes that covers the stretch.
"""


def sums_left(first, end):
    # The mistake: two neighbours of the same level are joined, siblings or not. 1 + 2 is no
    # node of the tree: the other ranks' sums do not fit to it.
    waiting = []
    for leaf in range(first, end):
        level, number = 0, leaf
        while waiting and waiting[-1] == (level, number - 1):
            waiting.pop()
            level, number = level + 1, number // 2
        waiting.append((level, number))
    return waiting
