/* SPDX-License-Identifier: MIT */
/*
 * The windows of a convolution as a matrix ("im2col"), and back.
 *
 * A row is a window: kernel x kernel pixels of in_channels numbers, zero where it hangs
 * over the edge, and each output pixel has one row. All three passes of a convolution
 * are products with that matrix: see im2col.cu.
 */
#ifndef IC_BACKEND_CUDA_WINDOWS_H
#define IC_BACKEND_CUDA_WINDOWS_H

#include "backend/cuda/cuda.h"

/* Elements of a window, and windows of a picture. */
size_t ic_cuda_windows_length(const struct ic_conv *conv);
size_t ic_cuda_windows_points(const struct ic_conv *conv);

/* Whether the picture itself is that matrix. */
bool ic_cuda_windows_plain(const struct ic_conv *conv);

/* Gathers the matrix of `pictures` pictures of x, in x's type. */
void ic_cuda_windows_gather(struct ic_device *device, void *matrix, const void *x,
                            const struct ic_conv *conv, size_t pictures);

/* The reverse ("col2im"): each pixel of dx becomes, or with `accumulate` grows by, the
 * sum of its places in the windows, which are fp32; it is rounded once. */
void ic_cuda_windows_sum(struct ic_device *device, void *dx, const float *matrix,
                         const struct ic_conv *conv, size_t pictures, bool accumulate);

#endif
