/* SPDX-License-Identifier: MIT */
/*
 * The operands of matrix products.
 */
#ifndef IC_BACKEND_MATRIX_H
#define IC_BACKEND_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/* A row-major matrix as it lies in memory, or its transpose: element (i, j) is at
 * data[i * stride + j], or at data[j * stride + i] when `transposed`. */
struct ic_matrix {
    const float *data;
    size_t stride;
    bool transposed;
};

#endif
