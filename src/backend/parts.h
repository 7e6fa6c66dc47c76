/* SPDX-License-Identifier: MIT */
/*
 * How kernels cut their work.
 */
#ifndef IC_BACKEND_PARTS_H
#define IC_BACKEND_PARTS_H

#include <stddef.h>

#include "base/everywhere.h"

/* The number of parts of `size` that `count` items make; the last may be smaller. */
IC_EVERYWHERE size_t ic_parts(size_t count, size_t size)
{
    return (count + size - 1) / size;
}

IC_EVERYWHERE size_t ic_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

#endif
