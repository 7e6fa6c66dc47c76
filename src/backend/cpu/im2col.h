/* SPDX-License-Identifier: MIT */
/*
 * Convolution by im2col, for its two files: im2col.c (forward and data gradient) and
 * im2col_weight.c (weight gradient).
 */
#ifndef IC_BACKEND_CPU_IM2COL_H
#define IC_BACKEND_CPU_IM2COL_H

#include "backend/cpu/conv.h"
#include "base/size.h"

/* `count` floats, rounded up so that the next part of a workspace is aligned too. */
static inline size_t ic_im2col_part(size_t count)
{
    return ic_size_align(count, 64);
}

/* The weight gradient, and the floats of its workspace. */
size_t ic_im2col_weight_workspace(const struct ic_device *device,
                                  const struct ic_conv *conv);
void ic_im2col_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                               const void *x, void *workspace,
                               const struct ic_conv *conv);

#endif
