/* SPDX-License-Identifier: MIT */
/*
 * Products of bf16 tiles: the inner loops of the convolution by AMX (amx.h), from one
 * tile up.
 *
 * A tile is a register of 16 rows of 64 bytes; a processor with AMX has eight of them.
 * One instruction, TDPBF16PS, multiplies two tiles and adds the product to a third:
 *
 *   c[m][n] += sum over k < 32 of a[m][k] b[k][n]        m, n < 16
 *
 * c holds fp32 numbers; a row of a holds 32 bf16 numbers. b is kept as pairs: its row r
 * has b[2r][n] and b[2r + 1][n] side by side for each n.
 *
 * The instruction takes 16 cycles, a load of a tile 8: a product that loads both of its
 * operands keeps the loads as busy as the multiplier. So four products go together. Two
 * tiles of a times two tiles of b are a block of 32 x 32 sums, which takes four loads,
 * and its sums stay in four registers from the first step to the last. A step is 32
 * values of k for a block: 2 KiB of either operand.
 *
 * Rounding: a step adds up the products of even k, and the products of odd k, each by a
 * chain of fused multiply-adds from zero; then it adds these two sums, and the result
 * to c. Subnormal numbers are zero. This is what the processor does (Intel, Software
 * Developer's Manual, volume 2, TDPBF16PS), and ic_amx_emulated does the same in plain
 * C, to the last bit.
 */
#ifndef IC_BACKEND_CPU_AMX_KERNEL_H
#define IC_BACKEND_CPU_AMX_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IC_AMX_BLOCK = 32,  /* rows and columns of a block */
    IC_AMX_DEPTH = 32,  /* k of a step */
    IC_AMX_LINE = 64,   /* bytes of a tile's row */
    IC_AMX_TILE = 1024, /* bytes of a tile */
    IC_AMX_STEP = 2048  /* bytes of an operand in a step: two tiles */
};

/* sums[i][j] = sum over s < steps, k < 32 of in[i][s][k] * panel[s][k][j]
 * for i, j < 32, where in[i][s] are the 32 numbers at in + i * pitch + offset[s]. */
struct ic_amx_dot {
    float *sums; /* 32 x 32, on a line of 64 bytes */
    const char *in;
    size_t pitch; /* bytes */
    const int32_t *offset;
    size_t steps;
    const char *panel; /* steps; columns 0 - 15, then 16 - 31; a tile of pairs each */
};

/* sums[i][j] (+)= sum over s < steps, k < 32 of left[s][i][k] * right[s][k][j]
 * for i, j < 32. The sums are four tiles: [half of i][half of j][16][16]. */
struct ic_amx_outer {
    float *sums;
    const char *left;     /* steps; rows of half 0, then of half 1; a tile each */
    const char *right[2]; /* of each half of j: steps; a tile of pairs each */
    size_t steps;
    bool accumulate;
};

/* Writing rows of the sums of `dot`. For i < count, j < 32:
 * out[place[i] + j] = sums[row[i]][j] + bias[j] + residual[place[i] + j], then ReLU,
 * rounded once. `bias` and `residual` may be NULL; with `accumulate` the sum is added
 * to `out`. */
struct ic_amx_rows {
    uint16_t *out;
    const float *sums;
    size_t count;
    const uint8_t *row;
    const size_t *place;
    const float *bias;
    const uint16_t *residual;
    bool accumulate, relu;
};

struct ic_amx {
    /* Called before the first product of a task and after its last: they take the tiles
     * and give them back. 50 ns together. */
    void (*begin)(void);
    void (*end)(void);

    void (*dot)(const struct ic_amx_dot *dot);
    void (*outer)(const struct ic_amx_outer *outer);
    void (*finish)(const struct ic_amx_rows *rows);

    /* The forms that the operands need. Numbers of 32 bits, 16 x 16:
     * out[r][i] = in[i][r]. `out` is on a line of 64 bytes. */
    void (*transpose)(uint32_t *out, const uint32_t in[16][16]);

    /* Makes a step of `left` from 32 points of 32 channels each: even channels are half
     * 0, odd ones half 1, and row r of a half has channel 2r (2r + 1) of all points. */
    void (*turn)(char *left, const uint16_t *const points[32]);

    /* Makes rows of `right` from pixels of 32 channels, `pitch` bytes apart: row r has
     * pixels 2r and 2r + 1 in pairs; even channels are half 0, odd ones half 1. So that
     * a row can begin with any pixel, rows come twice: right[1] has pixels 2r + 1 and
     * 2r + 2. Half 1 begins `half` bytes after half 0. Reads 2 rows + 1 pixels. */
    void (*pair)(char *const right[2], size_t half, const char *pixels, size_t pitch,
                 size_t rows);
};

/* The kernels of the processor's tiles; NULL without tiles, or if they may not be used.
 */
const struct ic_amx *ic_amx_processor(void);

/* The same kernels in plain C: a slow oracle for those above. */
extern const struct ic_amx ic_amx_emulated;

/* `finish` in plain C, of fewer than 32 columns. */
void ic_amx_finish_columns(const struct ic_amx_rows *rows, size_t columns);

#endif
