/* SPDX-License-Identifier: MIT */
/* Exercise 2.2: a product by hand, then parts of larger matrices. */
#include "kit.h"

static void try(int m, int n, int k, bool accumulate)
{
    enum { STRIDE = 20 };
    float a[400], b[400], found[400], wanted[400];

    fill(a, 400, 6);
    fill(b, 400, 7);
    fill(found, 400, 8);
    memcpy(wanted, found, sizeof wanted);
    for (int p = 0; p < k; p++)
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) {
                float *const sum = &wanted[i * STRIDE + j];

                *sum = (p == 0 && !accumulate ? 0 : *sum) +
                       a[i * STRIDE + p] * b[j * STRIDE + p];
            }
    multiply(found, STRIDE, a, STRIDE, b, STRIDE, m, n, k, accumulate);
    begin("%d x %d times %d x %d%s", m, k, k, n, accumulate ? ", added" : "");
    same_all("c", found, wanted, 400, 0); /* what is between the rows stays, too */
}

int main(void)
{
    const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, wanted[] = {17, 23, 39, 53};
    float c[4] = {0};

    begin("(1 2; 3 4) times (5 6; 7 8) transposed");
    multiply(c, 2, a, 2, b, 2, 2, 2, 2, false);
    same_all("c", c, wanted, 4, 0);
    try(1, 1, 1, false);
    try(4, 2, 9, false);
    try(7, 5, 11, false);
    try(3, 6, 18, true);
    return right();
}
