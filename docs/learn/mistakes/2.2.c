/* SPDX-License-Identifier: MIT */
/*
 * Exercise 2.2: the matrix product of a convolution.
 *
 *   c[i][j] = sum over p < k of a[i][p] * b[j][p],  i < m, j < n
 *
 * a has one window per row, b the weights of one out channel per row: so it is a times
 * b transposed. Rows are not packed: row i of a begins at a + i * a_stride, and so on;
 * a matrix may be a part of a larger one. With `accumulate` the sums are added to c.
 */
#include <stdbool.h>

static void multiply(float *c, int c_stride, const float *a, int a_stride,
                     const float *b, int b_stride, int m, int n, int k, bool accumulate)
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = accumulate ? c[i * c_stride + j] : 0;

            /* The mistake: b is read as if it were k x n. With square matrices nothing
             * breaks off; the numbers are those of a times b, not of a times b
             * transposed. */
            for (int p = 0; p < k; p++)
                sum += a[i * a_stride + p] * b[p * b_stride + j];
            c[i * c_stride + j] = sum;
        }
}
