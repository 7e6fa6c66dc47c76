/* SPDX-License-Identifier: MIT */
/*
 * Packs gradients without those of frozen arrays. See pack.h.
 */
#include "graph/pack.h"

#include <assert.h>
#include <string.h>

/* Arrays lie in the order of their numbers. Packing goes up and unpacking goes down, so
 * that no array is overwritten before it has moved. */
size_t ic_gradients_pack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block)
{
    size_t packed = 0;

    for (int i = 0; i < graph->param_count; i++) {
        const struct ic_array *array = &graph->params[i];

        if (ic_array_frozen(array, freeze))
            continue;
        assert(array->offset >= packed);
        memmove(block + packed, block + array->offset, array->count * sizeof *block);
        packed += array->count;
    }
    return packed;
}

void ic_gradients_unpack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block)
{
    size_t packed = 0, end = graph->param_floats;

    for (int i = 0; i < graph->param_count; i++)
        if (!ic_array_frozen(&graph->params[i], freeze))
            packed += graph->params[i].count;
    for (int i = graph->param_count - 1; i >= 0; i--) {
        const struct ic_array *array = &graph->params[i];
        const size_t behind = array->offset + array->count;

        if (ic_array_frozen(array, freeze))
            continue;
        packed -= array->count;
        memmove(block + array->offset, block + packed, array->count * sizeof *block);
        memset(block + behind, 0, (end - behind) * sizeof *block);
        end = array->offset;
    }
    memset(block, 0, end * sizeof *block);
}
