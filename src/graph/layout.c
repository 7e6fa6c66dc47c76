/* SPDX-License-Identifier: MIT */
/*
 * Greedy placement by size. See layout.h.
 */
#include "graph/layout.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"

/* Larger first; of equals the older, so that the result is the same everywhere. */
static int by_size(const void *left, const void *right)
{
    const struct ic_buffer *a = *(struct ic_buffer *const *)left;
    const struct ic_buffer *b = *(struct ic_buffer *const *)right;

    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return a < b ? -1 : a > b;
}

static int alive_together(const struct ic_buffer *a, const struct ic_buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which `buffer` meets no buffer in `placed`, found by a walk over
 * the gaps; `placed` is in order of offsets. */
static size_t lowest_gap(const struct ic_buffer *buffer,
                         struct ic_buffer *const *placed, size_t placed_count)
{
    size_t offset = 0;

    for (size_t i = 0; i < placed_count; i++) {
        const struct ic_buffer *other = placed[i];
        const size_t end = other->offset + ic_size_align(other->size, IC_ALIGNMENT);

        if (!alive_together(buffer, other) || end <= offset)
            continue;
        if (other->offset >= offset && other->offset - offset >= buffer->size)
            break;
        offset = end;
    }
    return offset;
}

/* Inserts `buffer` so that `placed` stays in order of offsets. */
static void insert(struct ic_buffer **placed, size_t placed_count,
                   struct ic_buffer *buffer)
{
    size_t i = placed_count;

    for (; i > 0 && placed[i - 1]->offset > buffer->offset; i--)
        placed[i] = placed[i - 1];
    placed[i] = buffer;
}

ic_status ic_layout(struct ic_buffer *buffers, size_t count, size_t *ret_bytes,
                    struct ic_error *error)
{
    struct ic_buffer **order, **placed;
    size_t sum = 0;

    *ret_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (buffers[i].size > SIZE_MAX / 2 ||
            !ic_size_add(sum, ic_size_align(buffers[i].size, IC_ALIGNMENT), &sum))
            return ic_fail(error, IC_ERR_LIMIT,
                           "the arrays of this network are larger than any memory");
    }
    order = calloc(count ? 2 * count : 1, sizeof(struct ic_buffer *));
    if (order == NULL)
        return ic_fail_memory(error, "a memory plan", 2 * count * sizeof *order);
    placed = order + count;
    for (size_t i = 0; i < count; i++)
        order[i] = &buffers[i];
    qsort(order, count, sizeof *order, by_size);
    for (size_t i = 0; i < count; i++) {
        size_t end;

        order[i]->offset = lowest_gap(order[i], placed, i);
        end = order[i]->offset + ic_size_align(order[i]->size, IC_ALIGNMENT);
        insert(placed, i, order[i]);
        if (end > *ret_bytes)
            *ret_bytes = end;
    }
    free(order);
    return IC_OK;
}
