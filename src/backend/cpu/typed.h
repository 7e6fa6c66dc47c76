/* SPDX-License-Identifier: MIT */
/*
 * Rows of activations on their way in and out of a kernel that computes in fp32: what
 * the convolutions, whose inner loops know fp32 alone, read and write bf16 by.
 */
#ifndef IC_BACKEND_CPU_TYPED_H
#define IC_BACKEND_CPU_TYPED_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/bf16.h"

/* out = in, widened to fp32; `count` elements of each. */
void ic_typed_widen(float *out, const void *in, size_t count, enum ic_type type);

/* out = in, or out + in when `accumulate`, rounded once. */
void ic_typed_narrow(void *out, const float *in, size_t count, bool accumulate,
                     enum ic_type type);

/* out = in, each element rounded to `type` and kept in fp32: what a kernel multiplies
 * weights as. */
void ic_typed_round(float *out, const float *in, size_t count, enum ic_type type);

#endif
