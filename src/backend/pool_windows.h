/* SPDX-License-Identifier: MIT */
/*
 * Which pixels the windows of a pool cover, in one direction (rows or columns).
 */
#ifndef IC_BACKEND_POOL_WINDOWS_H
#define IC_BACKEND_POOL_WINDOWS_H

#include "backend/shapes.h"
#include "base/everywhere.h"

/* Indices first .. end - 1. */
struct ic_range {
    int first, end;
};

/* The cells of the window of output `o` that lie in an image of `size` pixels. */
IC_EVERYWHERE struct ic_range ic_pool_cells(const struct ic_pool *p, int o, int size)
{
    const int start = o * p->stride - p->pad;
    const struct ic_range cells = {start < 0 ? -start : 0,
                                   start + p->kernel > size ? size - start : p->kernel};

    return cells;
}

/* The outputs whose windows cover the input `i`. */
IC_EVERYWHERE struct ic_range ic_pool_over(const struct ic_pool *p, int i, int outputs)
{
    const int after = i + p->pad - p->kernel; /* the window that ends just before i */
    const int last = (i + p->pad) / p->stride;
    const struct ic_range windows = {after < 0 ? 0 : after / p->stride + 1,
                                     last < outputs ? last + 1 : outputs};

    return windows;
}

#endif
