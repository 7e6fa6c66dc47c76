/* SPDX-License-Identifier: MIT */
/*
 * The median, for what is measured again and again.
 */
#ifndef IC_BASE_MEDIAN_H
#define IC_BASE_MEDIAN_H

#include <stddef.h>

/* The middle of `count` numbers, at least 1, or the mean of the middle two; the numbers
 * are sorted. */
double ic_median(double *numbers, size_t count);

#endif
