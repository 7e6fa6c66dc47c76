/* SPDX-License-Identifier: MIT */
/*
 * The inner loops of the convolutions, compiled for several processors: two products,
 * and the transforms of Winograd's algorithm (winograd.h).
 *
 * The products keep a block of sums in registers: some rows of IC_PANEL columns. Per
 * step they load a row of a panel (IC_PANEL floats) and one float for each row of the
 * block, and do a multiply-add for every sum; all else is in kernel_body.h.
 *
 * A panel is a matrix with IC_PANEL columns, its rows one after the other. A wider
 * matrix is several panels, the last filled up with zeros.
 */
#ifndef IC_BACKEND_CPU_KERNEL_H
#define IC_BACKEND_CPU_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    IC_PANEL = 32,     /* columns: two registers of AVX-512 */
    IC_DOT_ROWS = 14,  /* with 2 registers per row, and 4 more, all 32 are in use; of 16
                          registers, 6 rows take 12 */
    IC_OUTER_ROWS = 12 /* a divisor of 3 * 2^n, n > 1: the usual lengths */
};

/* out[i][column + j] = sum over r < runs, p < run of
 *     in[i][offset + r * pitch + p] * panel[(r * run + p) * IC_PANEL + j]
 * for i < rows, j < columns; added to `out` when `accumulate`. */
struct ic_dot {
    float *const *out;
    const float *const *in;
    size_t rows;            /* 1 .. IC_DOT_ROWS */
    size_t column, columns; /* 1 .. IC_PANEL of them */
    size_t offset, pitch, runs, run;
    const float *panel;
    bool accumulate;
};

/* out[i * IC_PANEL + j] = sum over p < count of
 *     in[p][offset + i] * panel[p * IC_PANEL + j]
 * for i < rows, j < IC_PANEL; added to `out` when `accumulate`. */
struct ic_outer {
    float *out;
    const float *const *in;
    size_t rows; /* 1 .. IC_OUTER_ROWS */
    size_t offset, count;
    const float *panel;
    bool accumulate;
};

/* The transforms: the squares of winograd.h, with the numbers of lines in and out. */
enum ic_transform_kind {
    IC_PATCH,         /* 6 -> 6: V = B^T d B */
    IC_TILE,          /* 6 -> 4: y = A^T m A */
    IC_TILE_GRADIENT, /* 4 -> 6: Z = A dy A^T */
    IC_TAPS,          /* 3 -> 6: U = G g G^T */
    IC_TAPS_GRADIENT, /* 6 -> 3: dg = G^T dU G */
    IC_TRANSFORMS
};

/* A square of arrays of `channels` floats, row by row; each channel is transformed on
 * its own. An out that is NULL is not written. With `accumulate` results are added. */
struct ic_transform {
    float *const *out;
    const float *const *in;
    size_t channels;
    bool accumulate;
};

struct ic_kernels {
    const char *name; /* of the processor's vectors: "AVX-512" */
    size_t dot_rows;  /* of the block that is quickest, at most IC_DOT_ROWS */
    void (*dot)(const struct ic_dot *dot);
    void (*outer)(const struct ic_outer *outer);
    void (*transform[IC_TRANSFORMS])(const struct ic_transform *transform);

    /* Nothing but multiply-adds, of as many sums as `dot` keeps, each `rounds` times:
     * the most that the processor can do. Returns the number of multiply-adds, counted
     * in floats. Their sum is added to `sum`, so that the compiler keeps them. */
    size_t (*multiply_add)(float *sum, size_t rounds);
};

/* The kernels that this processor can run, best first; NULL past the last. */
const struct ic_kernels *ic_kernels_get(int index);

#endif
