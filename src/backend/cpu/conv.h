/* SPDX-License-Identifier: MIT */
/*
 * The interface of a convolution algorithm to the CPU backend: one const object per
 * file.
 */
#ifndef IC_BACKEND_CPU_CONV_H
#define IC_BACKEND_CPU_CONV_H

#include "backend/cpu/cpu.h"

/* The last operations on the pixels of a forward pass, while they are in the cache:
 * y = y + bias + residual, then ReLU. */
struct ic_epilogue {
    const float *bias;    /* out_channels */
    const void *residual; /* as y, or NULL */
    bool relu;
};

/* The first entries are those of struct ic_backend. The last four are the forward pass
 * with weights packed in the algorithm's own form, those of each out channel times its
 * `scale`. The form does not depend on the batch. */
struct ic_cpu_conv {
    size_t (*workspace)(struct ic_device *device, const struct ic_conv *conv,
                        bool training);
    void (*forward)(struct ic_device *device, void *y, const void *x,
                    const float *weight, void *workspace, const struct ic_conv *conv);
    void (*backward_input)(struct ic_device *device, void *dx, const void *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate);
    void (*backward_weight)(struct ic_device *device, float *dweight, const void *dy,
                            const void *x, void *workspace, const struct ic_conv *conv);

    size_t (*packed_bytes)(const struct ic_conv *conv);
    size_t (*packed_workspace)(struct ic_device *device, const struct ic_conv *conv);
    void (*pack_scaled)(struct ic_device *device, float *packed, const float *weight,
                        const float *scale, const struct ic_conv *conv);
    void (*forward_packed)(struct ic_device *device, void *y, const void *x,
                           const float *packed, const struct ic_epilogue *epilogue,
                           void *workspace, const struct ic_conv *conv);
};

/* The algorithm for the convolution. */
const struct ic_cpu_conv *ic_cpu_conv_of(const struct ic_conv *conv);

/* Multiplies weights, [panel][repeat][length][IC_PANEL], by the scales of their out
 * channels, and rounds them to the type. */
void ic_conv_scale_panels(struct ic_device *device, float *panels, const float *scale,
                          size_t repeats, size_t length, size_t channels,
                          enum ic_type type);

/* Writes `columns` sums of an output pixel, from `column` on, to the array of a
 * correlation: the sums alone, added to the array, or through the epilogue, as the
 * correlation says; rounded once. `pixel` is the place of the pixel's first channel in
 * the array. The sums may already be at their place there when the type is fp32. */
struct ic_correlation;
void ic_conv_write(const struct ic_correlation *correlation, void *pixel,
                   const float *sums, size_t column, size_t columns);

extern const struct ic_cpu_conv ic_cpu_im2col;
extern const struct ic_cpu_conv ic_cpu_direct;
extern const struct ic_cpu_conv ic_cpu_winograd; /* 3x3, stride 1 */
extern const struct ic_cpu_conv ic_cpu_amx;      /* bf16 */

#endif
