/* SPDX-License-Identifier: MIT */
/*
 * Values of tensors as floats. See values.h.
 */
#include "report/values.h"

#include <string.h>

/* Converts a whole number of a file. */
static float whole(const struct ic_tensor *tensor, size_t i)
{
    const uint8_t *data = tensor->data;
    int64_t wide;
    int32_t narrow;

    if (tensor->dtype == IC_U8)
        return data[i];
    if (tensor->dtype == IC_I32) {
        memcpy(&narrow, data + 4 * i, sizeof narrow);
        return (float)narrow;
    }
    memcpy(&wide, data + 8 * i, sizeof wide);
    return (float)wide;
}

ic_status ic_values_read(struct ic_values *values, const struct ic_tensor *tensor,
                         struct ic_arena *arena, struct ic_error *error)
{
    values->rank = tensor->rank;
    memcpy(values->shape, tensor->shape, sizeof values->shape);
    values->count = tensor->count;
    values->v = ic_arena_alloc(arena, tensor->count + 1, sizeof *values->v);
    if (values->v == NULL)
        return ic_fail_memory(error, tensor->name, tensor->count * sizeof *values->v);
    if (!ic_tensor_to_float(values->v, tensor))
        for (size_t i = 0; i < tensor->count; i++)
            values->v[i] = whole(tensor, i);
    return IC_OK;
}

struct ic_sizes ic_values_sizes(const struct ic_values *values)
{
    size_t sizes[4] = {1, 1, 1, 1};

    for (int i = 0; i < values->rank && i < 4; i++)
        sizes[i] = (size_t)values->shape[i];
    return (struct ic_sizes){sizes[0], sizes[1], sizes[2], sizes[3]};
}
