# SPDX-License-Identifier: MIT
"""
Exercise 12.1: F(2, 3): two outputs of a filter of three taps, with four multiplications.

d has four numbers, g three. Return [d0 g0 + d1 g1 + d2 g2, d1 g0 + d2 g1 + d3 g2]. The test
counts the multiplications of one variable by another; additions, and multiplications by a
number that you write down (such as 0.5), are free.
"""


def filter_two(d, g):
    return [0, 0]  # yours
