/* SPDX-License-Identifier: MIT */
/*
 * Exercise 4.1: the data gradient, by scattering.
 *
 * For each output pixel, channel, tap and input channel of the forward pass, add
 *
 *   dy[n][oy][ox][o] * w[o][ky][kx][i]
 *
 * to dx[n][oy * stride + ky - pad][ox * stride + kx - pad][i],
 * where that pixel exists. The arrays lie as in exercise 1.2. dx need not be zero
 * before.
 */
#include <string.h>

struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void data_gradient(float *dx, const float *dy, const float *w,
                          const struct shape *s)
{
    /* Yours: the loops of exercise 1.2, with dx in the place of y. */
}
