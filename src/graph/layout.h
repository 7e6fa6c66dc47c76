/* SPDX-License-Identifier: MIT */
/*
 * Finds offsets for buffers with lifetimes, so that buffers alive at the same time do
 * not overlap.
 */
#ifndef IC_GRAPH_LAYOUT_H
#define IC_GRAPH_LAYOUT_H

#include <stddef.h>

#include "base/error.h"

struct ic_buffer {
    size_t size;     /* bytes; 0 takes no room */
    int first, last; /* steps of its life, both included */
    size_t offset; /* found by ic_layout: a multiple of IC_ALIGNMENT, of base/size.h */
};

/* Greedy by size (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
 * Inference", 2020, section 5.1): the largest buffer first, each at the lowest offset
 * where it fits between the placed buffers whose lives meet its own. *ret_bytes gets
 * the size of the block. Refused: sums that overflow, no memory for the work. */
ic_status ic_layout(struct ic_buffer *buffers, size_t count, size_t *ret_bytes,
                    struct ic_error *error);

#endif
