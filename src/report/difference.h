/* SPDX-License-Identifier: MIT */
/*
 * How far two tensors of files are apart.
 */
#ifndef IC_REPORT_DIFFERENCE_H
#define IC_REPORT_DIFFERENCE_H

#include "format/safetensors.h"

struct ic_difference {
    double relative; /* ||a - b|| / ||b||, infinite where undefined */
    double largest;  /* of the elements' differences */
};

struct ic_difference ic_difference_of(const float *a, const float *b, size_t count);

/* The same for weights that a step has moved away from `before`: the difference
 * relative to the move, ||a - b|| / ||b - before||. What rounding the weights to fp32
 * may amount to, 2^-23 ||b||, does not count. */
struct ic_difference ic_difference_of_moves(const float *a, const float *b,
                                            const float *before, size_t count);

/* The difference of tensor `a` from `b`, a tensor of the file `reference`: by moves
 * where `b` is updated.NAME and the file has NAME. Counts and labels are equal or
 * infinitely different; so are other shapes (but for axes of size 1). */
ic_status ic_difference_of_tensors(struct ic_difference *difference,
                                   const struct ic_tensor *a, const struct ic_tensor *b,
                                   const struct ic_safetensors *reference,
                                   struct ic_error *error);

/* What an updated tensor was before, or NULL. */
const struct ic_tensor *ic_difference_before(const struct ic_safetensors *file,
                                             const struct ic_tensor *tensor);

/* Whether the shapes are the same but for axes of size 1. */
bool ic_difference_same_shape(const struct ic_tensor *a, const struct ic_tensor *b);

#endif
