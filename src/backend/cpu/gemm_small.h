/* SPDX-License-Identifier: MIT */
/*
 * Small matrix products, without memory of their own and without BLAS; gemm.h has the
 * products of any size.
 */
#ifndef IC_BACKEND_CPU_GEMM_SMALL_H
#define IC_BACKEND_CPU_GEMM_SMALL_H

#include "backend/matrix.h"

/* Multiply-adds of the largest product that is small: up to there, OpenBLAS takes
 * kernels that allocate memory (its SMALL_MATRIX_OPT). */
#define IC_GEMM_SMALL 1000000

/* c = a b, or c += a b when `accumulate`, with the arguments of ic_gemm; no size is
 * too large, but BLAS is faster for large ones. */
void ic_gemm_small(float *c, size_t stride, struct ic_matrix a, struct ic_matrix b,
                   size_t m, size_t n, size_t k, bool accumulate);

#endif
