/* SPDX-License-Identifier: MIT */
/* Exercise 5.1: windows with negative values, equal values, and at the edges. */
#include "kit.h"

static void try(const float *x, int size, int kernel, int stride, int pad,
                const float *wanted, const float *cells)
{
    const int outputs = (size + 2 * pad - kernel) / stride + 1;
    float y[20], found[20];
    int place[20];

    fill(y, 20, 31);
    for (int i = 0; i < 20; i++)
        place[i] = 77;
    pool(y, place, x, size, outputs, kernel, stride, pad);
    begin("kernel %d, stride %d, pad %d, x from %g on", kernel, stride, pad, x[0]);
    for (int i = 0; i < outputs; i++)
        found[i] = (float)place[i];
    same_all("y", y, wanted, outputs, 0);
    same_all("place", found, cells, outputs, 0);
}

int main(void)
{
    try((const float[]){1, 2, 0, 1}, 4, 3, 2, 1, (const float[]){2, 2},
        (const float[]){2, 0});
    try((const float[]){-1, -2, -3, -4}, 4, 3, 2, 1, (const float[]){-1, -2},
        (const float[]){1, 0});
    try((const float[]){5, 5, 5, 5, 5}, 5, 3, 1, 1, (const float[]){5, 5, 5, 5, 5},
        (const float[]){1, 0, 0, 0, 0});
    try((const float[]){-3, 7, -1, 0, 2, 6}, 6, 2, 2, 0, (const float[]){7, 0, 6},
        (const float[]){1, 1, 1});
    try((const float[]){-9}, 1, 3, 2, 1, (const float[]){-9}, (const float[]){1});
    return right();
}
