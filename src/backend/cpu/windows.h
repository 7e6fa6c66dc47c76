/* SPDX-License-Identifier: MIT */
/*
 * Windows of an NHWC array, and the matrix with one window per row ("im2col").
 *
 * Window (n, qy, qx) of a grid holds `rows` x `columns` neighbouring pixels of picture
 * n, of which the first is at (qy * step + top, qx * step + left). Pixels outside the
 * picture are zero. All three passes of a convolution read such a matrix: see im2col.c.
 */
#ifndef IC_BACKEND_CPU_WINDOWS_H
#define IC_BACKEND_CPU_WINDOWS_H

#include <stddef.h>

#include "backend/shapes.h"

struct ic_windows {
    const void *source; /* batch, height, width, channels; of `type` */
    enum ic_type type;
    int height, width, channels;
    int grid_height, grid_width; /* windows of a picture */
    int step;                    /* pixels from window to window */
    int top, left;               /* of the first window; may be negative */
    int rows, columns;           /* of a window, in pixels; may be 0 */
};

/* Floats of one window, a row of the matrix. */
size_t ic_windows_length(const struct ic_windows *windows);

/* Writes rows first .. first + count - 1 of the matrix, in fp32, one after the other.
 */
void ic_windows_gather(const struct ic_windows *windows, float *matrix, size_t first,
                       size_t count);

/* The rows of the matrix from `first` on where the source itself is the matrix (fp32,
 * one pixel per window, no step, no border), so that nothing need be gathered; NULL for
 * other windows. */
const float *ic_windows_direct(const struct ic_windows *windows, size_t first);

#endif
