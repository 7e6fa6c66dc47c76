/* SPDX-License-Identifier: MIT */
/*
 * The three passes of a convolution by the reference backend, remembered: a test of
 * several algorithms asks for the same passes of each, and the reference is slow.
 */
#ifndef IC_TESTS_CONV_EXPECTED_H
#define IC_TESTS_CONV_EXPECTED_H

#include "backend/backend.h"

struct conv_expected {
    const double *y, *dx, *dweight;
};

/* The passes over these operands, on host arrays. The results are remembered until
 * conv_expected_forget; `algorithm` and `type` of the convolution do not matter. */
struct conv_expected conv_expected(const struct ic_conv *v, const float *x,
                                   const float *weight, const float *dy);

/* Frees all results. */
void conv_expected_forget(void);

#endif
