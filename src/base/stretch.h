/* SPDX-License-Identifier: MIT */
/*
 * A rank's contiguous share of a sequence: pictures, micro-batches, elements.
 */
#ifndef IC_BASE_STRETCH_H
#define IC_BASE_STRETCH_H

#include <stddef.h>
#include <stdint.h>

/* The numbers from `first` up to, but not including, `end`. */
struct ic_stretch {
    size_t first, end;
};

/* The stretch of rank `rank` of `size` in 0 .. count - 1: the stretches of all ranks
 * follow each other in the order of the ranks without a gap, and their lengths differ
 * by at most one. `count` is at most 2^40, `size` at most 2^20. */
static inline struct ic_stretch ic_stretch_of(size_t count, int rank, int size)
{
    const uint64_t all = count, n = (uint64_t)size, r = (uint64_t)rank;

    return (struct ic_stretch){(size_t)(all * r / n), (size_t)(all * (r + 1) / n)};
}

/* The same for things that come in batches of `batch`, the last of which may be
 * shorter: each batch belongs to one rank. */
static inline struct ic_stretch ic_stretch_of_batches(size_t count, size_t batch,
                                                      int rank, int size)
{
    const size_t batches = count / batch + (count % batch != 0);
    const struct ic_stretch own = ic_stretch_of(batches, rank, size);
    const size_t first = own.first * batch, end = own.end * batch;

    return (struct ic_stretch){first < count ? first : count,
                               end < count ? end : count};
}

#endif
