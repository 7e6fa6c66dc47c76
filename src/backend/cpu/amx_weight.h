/* SPDX-License-Identifier: MIT */
/*
 * How the weight gradient by tiles (amx_weight.c) is cut into tasks. This plan depends
 * only on the shape of the convolution.
 *
 * A task is a part of the batch, a group of panels of 32 out channels, and a group of
 * blocks of 32 in channels. It goes through its part stack by stack, about 2000 points
 * each, and in a stack through the blocks. So x is brought into its form once for each
 * group of panels, and dy once for each group of blocks.
 *
 * Each part has sums of its own, added at the end in order; there are few parts where
 * dW is large. If the batch is one stack, a task's sums go to dW while the cache still
 * holds them, and need no more memory than the sums of one block.
 */
#ifndef IC_BACKEND_CPU_AMX_WEIGHT_H
#define IC_BACKEND_CPU_AMX_WEIGHT_H

#include "backend/cpu/amx.h"

enum { IC_AMX_SUMS = IC_AMX_BLOCK * IC_AMX_BLOCK };

#define IC_AMX_NONE SIZE_MAX

/* Panels or blocks, cut into even groups. */
struct ic_amx_groups {
    size_t all, most; /* panels or blocks in all; in a group */
    size_t count;     /* groups */
};

struct ic_amx_weight {
    struct ic_amx_grid grid;
    const struct ic_conv *conv;
    const struct ic_amx *amx;
    const uint16_t *dy;
    float *dweight;

    bool rows_only;              /* a tap is a row of the window */
    struct ic_amx_groups panels; /* of 32 out channels */
    struct ic_amx_groups blocks; /* of 32 numbers of x, for each tap */
    size_t rows, columns, taps;
    size_t planes, phases; /* forms of x: by remainder of line, of column */
    size_t steps, pairs;   /* of a stack; rows of a form of x */
    size_t stacks, parts;  /* of a part; of the batch */
    bool at_once;          /* the batch is one stack */

    size_t *place; /* of each point of the largest stack: its pixel of dy, or
                      IC_AMX_NONE */
    float *sums;   /* part, panel, block, tap, IC_AMX_SUMS; unless at_once */
    char *memory;  /* for each thread: scratch, the form of dy, that of x, and, if
                      at_once, sums: tap, IC_AMX_SUMS */
    size_t place_bytes, sum_bytes, scratch_bytes, left_bytes, right_bytes, thread_bytes;
};

/* The plan, without its arrays. `x` may be NULL. */
struct ic_amx_weight ic_amx_weight_cut(const struct ic_conv *conv, const void *x);

#endif
