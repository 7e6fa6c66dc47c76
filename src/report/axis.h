/* SPDX-License-Identifier: MIT */
/*
 * An axis of a drawing: from values to pixels, and where its ticks are.
 */
#ifndef IC_REPORT_AXIS_H
#define IC_REPORT_AXIS_H

struct ic_axis {
    double low, high;   /* values at its ends, low < high */
    double first, last; /* their positions, in pixels */
};

/* The position of a value; a value outside lies beyond the ends. */
double ic_axis_place(const struct ic_axis *axis, double value);

/* The distance between round ticks: 1, 2 or 5 times a power of ten, such that at most
 * `count` + 1 ticks lie between low and high. *ret_decimals is the number of decimals
 * that tells them apart. */
double ic_axis_step(double low, double high, int count, int *ret_decimals);

#endif
