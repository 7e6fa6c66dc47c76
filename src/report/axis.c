/* SPDX-License-Identifier: MIT */
/*
 * Scales and ticks. See axis.h.
 */
#include "report/axis.h"

#include <assert.h>
#include <math.h>

double ic_axis_place(const struct ic_axis *axis, double value)
{
    return axis->first +
           (value - axis->low) / (axis->high - axis->low) * (axis->last - axis->first);
}

double ic_axis_step(double low, double high, int count, int *ret_decimals)
{
    const double least = (high - low) / count;
    int exponent = (int)floor(log10(least));
    double power = pow(10, exponent), times = 1;

    assert(high > low && count > 0);
    if (least > 5 * power)
        power = pow(10, ++exponent);
    else if (least > power)
        times = least <= 2 * power ? 2 : 5;
    *ret_decimals = exponent < 0 ? -exponent : 0;
    return times * power;
}
