/* SPDX-License-Identifier: MIT */
/*
 * A weight gradient that several tasks compute: each task sums over its own part of the
 * pixels, into an array of its own, and then the arrays are added in order. So the sum
 * has the same bits for any number of threads.
 */
#ifndef IC_BACKEND_CPU_PARTIAL_WEIGHT_H
#define IC_BACKEND_CPU_PARTIAL_WEIGHT_H

#include "backend/cpu/cpu.h"

/* The sums of the parts, one after the other, each as panels of out channels:
 * [panel][k][IC_PANEL] for the weight [out_channels][k], k < length. */
struct ic_partial_weights {
    float *sums;
    size_t parts, length, out_channels;
};

/* Floats of one part. */
size_t ic_partial_weight_floats(const struct ic_partial_weights *partial);

/* dweight[out][k] = the sum over the parts. */
void ic_partial_weights_add(struct ic_device *device, float *dweight,
                            const struct ic_partial_weights *partial);

#endif
