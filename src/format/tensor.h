/* SPDX-License-Identifier: MIT */
/*
 * Named tensors as stored in files, whatever the file's format.
 */
#ifndef IC_FORMAT_TENSOR_H
#define IC_FORMAT_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IC_TENSOR_MAX_RANK 8

enum ic_dtype { IC_F32, IC_F16, IC_BF16, IC_F64, IC_I64, IC_I32, IC_U8, IC_DTYPES };

const char *ic_dtype_name(enum ic_dtype dtype); /* "F32" ... */
size_t ic_dtype_size(enum ic_dtype dtype);      /* bytes */

struct ic_tensor {
    const char *name;
    enum ic_dtype dtype;
    int rank;
    int64_t shape[IC_TENSOR_MAX_RANK];
    size_t count;     /* elements */
    size_t size;      /* bytes */
    const void *data; /* of a reader: inside the file's memory, at any alignment:
                       * memcpy it, or use ic_tensor_to_float */
};

/* A list that does not own its tensors. */
struct ic_tensor_list {
    struct ic_tensor *items;
    size_t count;
};

/* The tensor of that name, or NULL. */
const struct ic_tensor *ic_tensor_find(const struct ic_tensor_list *list,
                                       const char *name);

/* Whether every value is finite as a float, as ic_tensor_to_float converts it. True for
 * an integer type. */
bool ic_tensor_is_finite(const struct ic_tensor *tensor);

/* Copies all values to `out`, converting F16, BF16 and F64 to float. False for an
 * integer type. */
bool ic_tensor_to_float(float *out, const struct ic_tensor *tensor);

#endif
