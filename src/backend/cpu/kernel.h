/*
 * The two inner loops of direct convolution, compiled for several processors.
 *
 * Both keep a block of sums in registers: KERNEL rows of IC_PANEL columns. Per step
 * they load a row of a panel (IC_PANEL floats) and one float for each row of the block,
 * and do a multiply-add for every sum; everything else is in kernel_body.h.
 *
 * A panel is a matrix with IC_PANEL columns, its rows one behind the other. Wider
 * matrices are several panels, the last filled up with zeros.
 */
#ifndef IC_BACKEND_CPU_KERNEL_H
#define IC_BACKEND_CPU_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    IC_PANEL = 32,     /* columns: two registers of AVX-512 */
    IC_DOT_ROWS = 14,  /* with 2 registers a row, and 4 more, all 32 are in use */
    IC_OUTER_ROWS = 12 /* a divisor of 3 * 2^n, n > 1: the usual lengths */
};

/* out[i][column + j] = sum over r < runs, p < run of
 *     in[i][offset + r * pitch + p] * panel[(r * run + p) * IC_PANEL + j]
 * for i < rows, j < columns; added to what is there when `accumulate`. */
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
 * for i < rows, j < IC_PANEL; added to what is there when `accumulate`. */
struct ic_outer {
    float *out;
    const float *const *in;
    size_t rows; /* 1 .. IC_OUTER_ROWS */
    size_t offset, count;
    const float *panel;
    bool accumulate;
};

struct ic_kernels {
    const char *name; /* of the processor's vectors: "AVX-512" */
    void (*dot)(const struct ic_dot *dot);
    void (*outer)(const struct ic_outer *outer);
};

/* The kernels that this processor can run, best first; NULL past the last. */
const struct ic_kernels *ic_kernels_get(int index);

#endif
