/* SPDX-License-Identifier: MIT */
/*
 * The weight gradient of a convolution: dW = dy^T windows(x), summed over all output
 * pixels (im2col.c has the other two passes).
 *
 * The result is small and the sum is long, or the other way round, so both are cut:
 *
 *   columns  all of the kernel, one row of it, or one tap, as dW grows: the windows of
 *            a part are the windows of a smaller kernel;
 *   blocks   of out channels;
 *   chunks   of output pixels. Each chunk writes a dW of its own into the workspace,
 *            and a second pass adds them in order.
 *
 * A task is one part of the columns, one block and one chunk. In a task, tiles of
 * windows are gathered and multiplied.
 */
#include <string.h>

#include "backend/cpu/correlation.h"
#include "backend/cpu/gemm.h"
#include "backend/cpu/im2col.h"
#include "backend/cpu/typed.h"

enum {
    TILE_ROWS = 256,
    COLUMNS_WHOLE = 1 << 16, /* a dW of up to this many floats has uncut columns, */
    COLUMNS_ROW = 1 << 18,   /* of up to this many, columns cut into kernel rows */
    BLOCK = 128,             /* out channels */
    TASKS = 32,              /* the aim, if there are enough pixels */
    SUM_PART = 1 << 13,      /* floats of a task of the second pass */
};

struct weight_gradient {
    struct ic_windows windows; /* of the whole kernel */
    const void *dy;            /* pixels, out_channels */
    size_t pixels, out_channels, length;

    int part_rows, part_columns; /* of the kernel, in a part of the columns */
    size_t columns, blocks, chunks;
    size_t chunk; /* pixels */

    float *dweight;
    float *partial; /* chunks, out_channels, length */
    float *tiles;   /* threads, tile_floats: windows, then the widened part of dy */
    size_t window_floats, tile_floats;
};

/* Cuts the work, by the problem's size alone. */
static struct weight_gradient cut(const struct ic_conv *conv, const void *x)
{
    struct weight_gradient g = {.windows =
                                    ic_correlation_forward(conv, NULL, x).windows};
    size_t most;

    g.pixels = (size_t)conv->batch * (size_t)conv->out_height * (size_t)conv->out_width;
    g.out_channels = (size_t)conv->out_channels;
    g.length = ic_windows_length(&g.windows);
    g.part_rows = g.out_channels * g.length > COLUMNS_WHOLE ? 1 : conv->kernel;
    g.part_columns = g.out_channels * g.length > COLUMNS_ROW ? 1 : conv->kernel;
    g.columns =
        (size_t)(conv->kernel / g.part_rows) * (size_t)(conv->kernel / g.part_columns);
    g.blocks = ic_parts(g.out_channels, BLOCK);
    most = ic_parts(g.pixels, TILE_ROWS);
    g.chunks = ic_min(ic_parts(TASKS, g.columns * g.blocks), most);
    g.chunk = ic_parts(g.pixels, g.chunks);
    g.chunks = ic_parts(g.pixels, g.chunk);
    g.window_floats =
        ic_im2col_part(ic_min(TILE_ROWS, g.chunk) * (size_t)g.part_rows *
                       (size_t)g.part_columns * (size_t)conv->in_channels);
    g.tile_floats = g.window_floats;
    if (conv->type != IC_TYPE_FP32)
        g.tile_floats += ic_im2col_part(TILE_ROWS * BLOCK);
    return g;
}

size_t ic_im2col_weight_workspace(const struct ic_device *device,
                                  const struct ic_conv *conv)
{
    const struct weight_gradient g = cut(conv, NULL);
    const size_t partial = g.chunks > 1 ? g.chunks * g.out_channels * g.length : 0;

    return ic_im2col_part(partial) + (size_t)device->threads * g.tile_floats;
}

/* --- one chunk, one part of the columns, one block -------------------------------- */

/* dy of `rows` pixels and a block of out channels, transposed: the array itself, or
 * widened in `copy`. */
static struct ic_matrix gradient_of(const struct weight_gradient *g, float *copy,
                                    size_t first, size_t rows, size_t block)
{
    const enum ic_type type = g->windows.type;
    const void *const dy =
        ic_const_element(g->dy, first * g->out_channels + block, type);

    if (type == IC_TYPE_FP32)
        return (struct ic_matrix){dy, g->out_channels, true};
    for (size_t i = 0; i < rows; i++)
        ic_typed_widen(copy + i * BLOCK,
                       ic_const_element(dy, i * g->out_channels, type),
                       ic_min(BLOCK, g->out_channels - block), type);
    return (struct ic_matrix){copy, BLOCK, true};
}

static void multiply_part(const void *args, size_t index, int thread)
{
    const struct weight_gradient *const g = args;
    const size_t block = index % g->blocks * BLOCK;
    const int part = (int)(index / g->blocks % g->columns);
    const size_t chunk = index / (g->blocks * g->columns);
    const size_t end = ic_min((chunk + 1) * g->chunk, g->pixels);
    const int parts_in_row = g->windows.columns / g->part_columns;
    const int row = part / parts_in_row * g->part_rows;
    const int column = part % parts_in_row * g->part_columns;
    const size_t before = (size_t)(row * g->windows.columns + column);
    float *const tile = g->tiles + (size_t)thread * g->tile_floats;
    struct ic_windows windows = g->windows;
    float *out =
        g->chunks > 1 ? g->partial + chunk * g->out_channels * g->length : g->dweight;
    bool add = false;
    size_t length;

    windows.top += row;
    windows.left += column;
    windows.rows = g->part_rows;
    windows.columns = g->part_columns;
    length = ic_windows_length(&windows);
    out += block * g->length + before * (size_t)windows.channels;
    for (size_t first = chunk * g->chunk; first < end; first += TILE_ROWS) {
        const size_t rows = ic_min(TILE_ROWS, end - first);
        const float *from = ic_windows_direct(&windows, first);
        const struct ic_matrix dy =
            gradient_of(g, tile + g->window_floats, first, rows, block);

        if (from == NULL) {
            ic_windows_gather(&windows, tile, first, rows);
            from = tile;
        }
        ic_gemm(out, g->length, dy, (struct ic_matrix){from, length, false},
                ic_min(BLOCK, g->out_channels - block), length, rows, add);
        add = true;
    }
}

/* --- the sum over the chunks ------------------------------------------------------ */

static IC_TARGET_CLONES void sum_chunks(const void *args, size_t index, int thread)
{
    const struct weight_gradient *const g = args;
    const size_t size = g->out_channels * g->length;
    const size_t first = index * SUM_PART;
    const size_t count = ic_min(SUM_PART, size - first);
    float *restrict const out = g->dweight + first;

    memset(out, 0, count * sizeof *out);
    for (size_t chunk = 0; chunk < g->chunks; chunk++) {
        const float *restrict const in = g->partial + chunk * size + first;

        for (size_t i = 0; i < count; i++)
            out[i] += in[i];
    }
}

void ic_im2col_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                               const void *x, void *workspace,
                               const struct ic_conv *conv)
{
    struct weight_gradient g = cut(conv, x);
    const size_t size = g.out_channels * g.length;

    g.dy = dy;
    g.dweight = dweight;
    g.partial = workspace;
    g.tiles = g.partial + (g.chunks > 1 ? ic_im2col_part(g.chunks * size) : 0);
    ic_cpu_run(device, g.chunks * g.columns * g.blocks, multiply_part, &g);
    if (g.chunks > 1)
        ic_cpu_run(device, ic_parts(size, SUM_PART), sum_chunks, &g);
}
