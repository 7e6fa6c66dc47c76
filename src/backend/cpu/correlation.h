/* SPDX-License-Identifier: MIT */
/*
 * The common form of a convolution's forward pass and data gradient: both are
 * correlations. A grid of windows of a source (windows.h), times a matrix of weights,
 * gives the pixels of an output.
 *
 *   forward        windows of x give y.
 *   data gradient  input pixel i feeds output pixel o through tap k where
 *                  i + pad - k = stride * o. So input pixels with the same remainder
 *                  modulo the stride, a phase, use the same taps, every stride-th of
 *                  the kernel; and as i grows by one stride, o grows by one. A phase is
 *                  a correlation: windows of dy, one pixel apart, give the pixels of
 *                  the phase in dx, with these taps in falling order. No pixel is added
 *                  to twice, and no tap is multiplied by an inserted zero.
 */
#ifndef IC_BACKEND_CPU_CORRELATION_H
#define IC_BACKEND_CPU_CORRELATION_H

#include "backend/cpu/cpu.h"
#include "backend/cpu/windows.h"

struct ic_epilogue;

struct ic_correlation {
    struct ic_windows windows;
    int batch;

    /* Grid point (qy, qx) gives pixel (qy * step + top, qx * step + left). */
    void *out; /* batch, out_height, out_width, out_channels; of `type` */
    enum ic_type type;
    int out_height, out_width, out_channels;
    int step, top, left;
    bool accumulate;
    const struct ic_epilogue *epilogue; /* of conv.h; NULL for none */

    /* Row i, column j of a window meets tap (row + i * tap_step, column + j * tap_step)
     * of the convolution's kernel. */
    int row, column, tap_step;
};

struct ic_correlation ic_correlation_forward(const struct ic_conv *conv, void *y,
                                             const void *x);

/* The number of phases of the data gradient, and each of them. A phase may have no
 * taps (windows of 0 rows or columns): its pixels get no gradient. */
int ic_correlation_phases(const struct ic_conv *conv);
struct ic_correlation ic_correlation_phase(const struct ic_conv *conv, int phase,
                                           void *dx, const void *dy, bool accumulate);

/* Lines, and points, of the grid in the whole batch. */
size_t ic_correlation_lines(const struct ic_correlation *c);
size_t ic_correlation_points(const struct ic_correlation *c);

/* The output pixel of a point. */
void *ic_correlation_pixel(const struct ic_correlation *c, size_t point);

#endif
