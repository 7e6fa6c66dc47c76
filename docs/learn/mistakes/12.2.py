# SPDX-License-Identifier: MIT
"""
Exercise 12.2: F(2 x 2, 3 x 3): four outputs with sixteen multiplications.

d is 4 x 4, g is 3 x 3 (lists of lists). Return y, 2 x 2, with

    y[a][b] = sum over i, j of d[a + i][b + j] g[i][j]

as A^T [(G g G^T) * (B^T d B)] A, where * is element by element. times(a, b) is the product of
two matrices; where one of them is a matrix of plain numbers, it costs no multiplications.
"""

BT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
G = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
AT = [[1, 1, 1, 0], [0, 1, -1, -1]]


def times(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))]
            for i in range(len(a))]


def transposed(a):
    return [list(column) for column in zip(*a)]


def filter_square(d, g):
    # The mistake: B^T d B^T. B is the transpose of B^T; written as matrices of numbers, both
    # are 4 x 4, and nothing breaks off.
    v = times(times(BT, d), BT)
    u = times(times(G, g), transposed(G))
    m = [[v[i][j] * u[i][j] for j in range(4)] for i in range(4)]
    return times(times(AT, m), transposed(AT))
