# SPDX-License-Identifier: MIT
"""
Exercise 12.3: the weight gradient of F(2, 3), with four multiplications.

d has four numbers, dy two. Return [dg0, dg1, dg2], dg_j = dy0 d_j + dy1 d_(j+1), as

    G^T [ (B^T d) * (A dy) ]

with the matrices of exercise 12.2. The test counts as in exercise 12.1.
"""


def taps_gradient(d, dy):
    v = [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]
    z = [dy[0], dy[0] + dy[1], dy[0] - dy[1], -1 * dy[1]]
    m = [a * b for a, b in zip(v, z)]
    # The mistake: the halves of G are left out, since "the taps are transformed only in
    # forward". The adjoint has the same numbers.
    return [m[0] + (m[1] + m[2]), m[1] - m[2], (m[1] + m[2]) + m[3]]
