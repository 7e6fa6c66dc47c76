/* SPDX-License-Identifier: MIT */
/*
 * Convolution in bf16 by tiles (amx_kernel.h), for its files: amx.c (forward and data
 * gradient), amx_weight.c (weight gradient), amx_pack.c (weights as panels), amx_grid.c
 * (the pictures, which both read) and amx_block.c (writing the sums out).
 *
 * A grid is the windows of a correlation, laid out so that a tile can be loaded from
 * anywhere in it. A stack, which is a few pictures or a band of one, is copied to a
 * scratch with zeros around it, pixel by pixel, each a multiple of 8 bytes:
 *
 *   - The windows' first pixels, the points, are at a constant distance, `pitch`, also
 *     from the end of a line to the start of the next and between pictures. So any 32
 *     points in a row are rows of tiles, wherever a line ends.
 *   - For this, a line has a few more points than the grid, and a picture a few more
 *     lines: the border of zeros, shared by two neighbours. Such points are computed in
 *     vain. With 56 x 56 pixels 98 % of the points count, with 7 x 7 77 %.
 *   - With a step of 2 the lines are split by their remainder into two planes, so that
 *     the points of a line and of the next are at the same distance again.
 *
 * A point's window begins at the point. The distance from there to row y and column x
 * of the window is the same for all points (ic_amx_grid_offset).
 */
#ifndef IC_BACKEND_CPU_AMX_H
#define IC_BACKEND_CPU_AMX_H

#include "backend/cpu/amx_kernel.h"
#include "backend/cpu/conv.h"
#include "backend/cpu/correlation.h"

struct ic_amx_grid {
    struct ic_windows windows;
    size_t batch;
    size_t channels; /* that are copied: all, or a part of them */
    size_t filled;   /* these, filled up with zeros */
    size_t pixel;    /* bytes of a pixel: filled * 2 */
    size_t skip;     /* pixels of a line from point to point */
    size_t pitch;    /* bytes from point to point: skip * pixel */
    size_t points;   /* of a line, with those between two lines */
    size_t lines;    /* from a picture to the next */
    size_t more;     /* lines below the last picture, which its windows reach */
    size_t planes;   /* 1, or the step */
    size_t plane;    /* bytes of a plane */
    size_t pictures; /* of a stack; 1 where pictures are cut into bands */
    size_t bands;    /* of a picture; 1 where it is whole */
    size_t band;     /* lines of a band: all, or fewer */
    size_t stacks;   /* in the batch */
};

/* The grid of `windows`, which are bf16, with `channels` channels at a time, in stacks
 * of about `points` points, and at most `bytes` where a stack is several pictures. */
struct ic_amx_grid ic_amx_grid_of(const struct ic_windows *windows, int batch,
                                  size_t channels, size_t points, size_t bytes);

/* Bytes of a scratch, including those read by a block that begins at the last point. */
size_t ic_amx_grid_bytes(const struct ic_amx_grid *grid);

/* Points of the largest stack, and of this stack. */
size_t ic_amx_grid_most_points(const struct ic_amx_grid *grid);
size_t ic_amx_grid_stack_points(const struct ic_amx_grid *grid, size_t stack);

/* The number, within the batch, of the first point of a stack that the correlation has.
 */
size_t ic_amx_grid_first(const struct ic_amx_grid *grid, size_t stack);

/* Whether a point of a stack is one of the correlation's; then `ret_point` is its
 * number in the batch, less that of the stack's first. */
bool ic_amx_grid_point(const struct ic_amx_grid *grid, size_t point, size_t *ret_point);

/* Copies a stack, from channel first_channel on. */
void ic_amx_grid_load(const struct ic_amx_grid *grid, char *scratch, size_t stack,
                      size_t first_channel);

/* Bytes from a point to row `row`, pixel `column` of its window. */
size_t ic_amx_grid_offset(const struct ic_amx_grid *grid, size_t row, size_t column);

/* --- weights ------------------------------------------------------------------------
 *
 * A step of a window is 64 bytes of one of its rows: 32 channels of a pixel, or, where
 * a pixel has fewer, several pixels. The last of these may be outside the window; its
 * weights are zero, so that it counts only if it is not finite. Steps go through all
 * rows and pixels of a part of the channels before the next part, so that this part of
 * the scratch stays in the cache. */

struct ic_amx_step {
    size_t row,
        first; /* of the window; of the row's numbers, with the zeros in between */
};

size_t ic_amx_steps(const struct ic_amx_grid *grid);
struct ic_amx_step ic_amx_step_of(const struct ic_amx_grid *grid, size_t step);

/* Writes weights as panels of 32 out channels of the correlation: [panel][step] of two
 * tiles of pairs. Each weight is multiplied by the scale of its out channel before it
 * is rounded, unless `scale` is NULL. `transposed`: as in direct.h. */
void ic_amx_pack(struct ic_device *device, char *panels, const float *weight,
                 const float *scale, const struct ic_correlation *correlation,
                 const struct ic_amx_grid *grid, const struct ic_conv *conv,
                 bool transposed);

/* --- the sums -----------------------------------------------------------------------
 */

/* Which points of a block of 32 are the correlation's, and how far behind the pixel of
 * the stack's first point their pixels are in the output, in numbers: the same for all
 * stacks. */
struct ic_amx_block {
    size_t count;
    uint8_t row[IC_AMX_BLOCK];
    size_t place[IC_AMX_BLOCK];
};

/* Fills the blocks of the largest stack, one for each 32 points. */
void ic_amx_blocks(struct ic_amx_block *table, const struct ic_amx_grid *grid,
                   const struct ic_correlation *correlation);

/* How many of the correlation's points are among the block's first `rows`. */
size_t ic_amx_block_count(const struct ic_amx_block *block, size_t rows);

/* Writes the sums of 32 out channels, from `column` on, of the block's first `count`
 * points to their pixels: through the correlation's epilogue, or added to the pixels,
 * as the correlation says; rounded once. `stack` is the pixel of the stack's first
 * point. */
void ic_amx_finish(const struct ic_amx *kernels,
                   const struct ic_correlation *correlation,
                   const struct ic_amx_block *block, size_t count, void *stack,
                   const float *sums, size_t column);

/* --- the weight gradient ------------------------------------------------------------
 */

size_t ic_amx_weight_workspace(const struct ic_device *device,
                               const struct ic_conv *conv);
void ic_amx_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                            const void *x, void *workspace, const struct ic_conv *conv);

#endif
