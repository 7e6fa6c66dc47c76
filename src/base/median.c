/* SPDX-License-Identifier: MIT */
/*
 * The median.
 */
#include "base/median.h"

#include <assert.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double ic_median(double *numbers, size_t count)
{
    assert(count >= 1);
    qsort(numbers, count, sizeof *numbers, compare);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}
