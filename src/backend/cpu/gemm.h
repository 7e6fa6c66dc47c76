/* SPDX-License-Identifier: MIT */
/*
 * Matrix products, all row-major: the only place that calls BLAS. Called in a task of
 * ic_cpu_run, where BLAS is single-threaded.
 */
#ifndef IC_BACKEND_CPU_GEMM_H
#define IC_BACKEND_CPU_GEMM_H

#include "backend/matrix.h"
#include "base/error.h"

struct ic_device;

/* c = a b, or c += a b when `accumulate`; c is m x n with `stride` floats a row, a is
 * m x k, b is k x n. k may be 0. Each of the sizes fits an int. Allocates no memory. */
void ic_gemm(float *c, size_t stride, struct ic_matrix a, struct ic_matrix b, size_t m,
             size_t n, size_t k, bool accumulate);

/* Makes BLAS single-threaded for the process, where it owns threads. */
void ic_gemm_set_up(void);

/* Does that, and ends the threads that an OpenBLAS started when it was loaded; nothing
 * here uses them. No other thread of the process may be computing with the BLAS. */
void ic_gemm_end_threads(void);

/* Where the address space is limited (ulimit -v), takes the space of products in
 * `threads` threads, or refuses (IC_ERR_LIMIT) if the limit does not leave it. */
ic_status ic_gemm_take_room(int threads, struct ic_error *error);

/* "OpenBLAS 0.3.21 (SkylakeX)" as far as the library tells. */
void ic_gemm_describe(char *text, size_t size);

#endif
