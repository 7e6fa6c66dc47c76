/* SPDX-License-Identifier: MIT */
/*
 * The median, for repeated measurements.
 */
#ifndef IC_BASE_MEDIAN_H
#define IC_BASE_MEDIAN_H

#include <stddef.h>

/* The middle of `count` >= 1 numbers, or the mean of the middle two. Sorts the numbers.
 */
double ic_median(double *numbers, size_t count);

#endif
