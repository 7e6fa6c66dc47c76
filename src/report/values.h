/* SPDX-License-Identifier: MIT */
/*
 * The values of a file's tensor as floats, whatever its type.
 */
#ifndef IC_REPORT_VALUES_H
#define IC_REPORT_VALUES_H

#include "base/arena.h"
#include "base/error.h"
#include "format/tensor.h"

struct ic_values {
    int rank;
    int64_t shape[IC_TENSOR_MAX_RANK];
    size_t count;
    float *v;
};

/* Whole numbers, too, are converted. */
ic_status ic_values_read(struct ic_values *values, const struct ic_tensor *tensor,
                         struct ic_arena *arena, struct ic_error *error);

/* The sizes along four axes, 1 for those that a tensor of lower rank lacks at its end:
 * batch, channels, height, width of an activation. */
struct ic_sizes {
    size_t n, c, h, w;
};
struct ic_sizes ic_values_sizes(const struct ic_values *values);

#endif
