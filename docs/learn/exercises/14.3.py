# SPDX-License-Identifier: MIT
"""
Exercise 14.3: which sums a rank ends with.

The number of leaves is a power of two. A rank computes the leaves first .. end - 1 and
adds siblings as soon as it has both; a sum whose sibling has leaves of another rank waits.
Node (level, number) is the sum of the leaves number * 2^level up to, but not including,
(number + 1) * 2^level.

Return the list of (level, number) that are left, in the order of their leaves. It is the
shortest list of nodes that covers the stretch: for the leaves 3 to 5 it is (0, 3), (1, 2).
"""


def sums_left(first, end):
    return []  # yours
