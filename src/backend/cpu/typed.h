/* SPDX-License-Identifier: MIT */
/*
 * Widens and rounds rows of activations for kernels that compute in fp32: the inner
 * loops of the convolutions handle only fp32, and bf16 goes through these functions.
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

/* out = in, each element rounded to `type` but stored in fp32, as kernels multiply
 * weights. */
void ic_typed_round(float *out, const float *in, size_t count, enum ic_type type);

#endif
