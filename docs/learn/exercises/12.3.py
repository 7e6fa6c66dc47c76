# SPDX-License-Identifier: MIT
"""
Exercise 12.3: the weight gradient of F(2, 3), with four multiplications.

d has four numbers, dy two. Return [dg0, dg1, dg2], dg_j = dy0 d_j + dy1 d_(j+1), as

    G^T [ (B^T d) * (A dy) ]

with the matrices of exercise 12.2. The test counts as in exercise 12.1.
"""


def taps_gradient(d, dy):
    return [0, 0, 0]  # yours
