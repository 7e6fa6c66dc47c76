/* SPDX-License-Identifier: MIT */
/*
 * An axis of a drawing: from values to pixels, and where its ticks are.
 */
#ifndef IC_REPORT_AXIS_H
#define IC_REPORT_AXIS_H

struct ic_axis {
    double low, high;   /* values at its ends, low < high */
    double first, last; /* their places, in pixels */
};

/* Where a value stands; outside of the ends for values outside. */
double ic_axis_place(const struct ic_axis *axis, double value);

/* The distance of round ticks, 1, 2 or 5 times a power of ten, of which at most
 * `count` + 1 lie between low and high. *ret_decimals is how many digits behind the
 * point tell them apart. */
double ic_axis_step(double low, double high, int count, int *ret_decimals);

#endif
