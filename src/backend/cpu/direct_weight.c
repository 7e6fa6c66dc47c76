/* SPDX-License-Identifier: MIT */
/*
 * Direct convolution: the weight gradient (direct.c has the other passes).
 *
 * dW[out][k] is the sum over all points of dy[point][out] times float k of the point's
 * window. The inner loop (kernel.h) keeps 12 such k by 32 out channels in registers and
 * walks through the points of a tile; dy comes in panels, packed once per tile.
 *
 * The result is small and the sum is long, or the other way round, so both are cut:
 *
 * - The lines are cut into chunks. Each chunk has a dW of its own in the workspace, and
 *   these dW are added at the end (partial_weight.h).
 * - A large dW is cut into rows of the kernel, a larger one into groups of panels, too.
 *
 * A task is one chunk, one row and one group.
 */
#include <string.h>

#include "backend/cpu/correlation.h"
#include "backend/cpu/direct.h"
#include "backend/cpu/partial_weight.h"
#include "backend/cpu/typed.h"
#include "base/size.h"

enum {
    WHOLE = 1 << 16, /* a dW of up to this many floats is cut only into chunks; */
    ROWS = 1 << 18,  /* of up to this many, into rows too, if it has several; beyond,
                        into groups too */
    PANELS = 2,      /* of a group */
    TASKS = 32,      /* the aim, if there are enough lines */
    POINTS = 256     /* of a tile, about */
};

struct weight_gradient {
    struct ic_windows windows;
    const void *dy; /* points, out_channels */
    size_t out_channels, length, run;
    size_t lines, chunk, chunks, tile_lines;
    size_t rows, row_parts; /* rows of the kernel in a part, and parts */
    size_t panels, group, groups;
    const struct ic_kernels *kernels;

    struct ic_partial_weights partial; /* one part per chunk */
    char *scratch;                     /* for each thread: a tile, then a panel of dy */
    size_t partial_bytes, tile_bytes, thread_bytes;
};

/* The work, cut by its size alone. */
static struct weight_gradient cut(const struct ic_conv *conv, const void *x)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, x);
    struct weight_gradient g = {.windows = c.windows};
    const size_t width = (size_t)c.windows.grid_width;
    size_t size;

    g.out_channels = (size_t)conv->out_channels;
    g.length = ic_windows_length(&c.windows);
    g.run = (size_t)c.windows.columns * (size_t)c.windows.channels;
    g.lines = ic_correlation_lines(&c);
    g.panels = ic_parts(g.out_channels, IC_PANEL);
    size = g.panels * IC_PANEL * g.length;
    g.rows = size > WHOLE ? 1 : (size_t)conv->kernel;
    g.row_parts = (size_t)conv->kernel / g.rows;
    g.group = size > (conv->kernel > 1 ? ROWS : WHOLE) ? PANELS : g.panels;
    g.groups = ic_parts(g.panels, g.group);

    g.tile_lines = ic_min(ic_parts(POINTS, width), g.lines);
    g.chunks = ic_parts(TASKS, g.row_parts * g.groups);
    g.chunks = ic_min(g.chunks, ic_parts(g.lines, g.tile_lines));
    g.chunk = ic_parts(g.lines, g.chunks);
    g.chunks = ic_parts(g.lines, g.chunk);
    g.tile_lines = ic_parts(g.chunk, ic_parts(g.chunk, g.tile_lines));

    g.partial = (struct ic_partial_weights){
        .parts = g.chunks, .length = g.length, .out_channels = g.out_channels};
    g.partial_bytes = ic_size_align(g.chunks * size * sizeof(float), IC_ALIGNMENT);
    g.tile_bytes = ic_direct_tile_bytes(&g.windows, g.tile_lines);
    g.thread_bytes =
        g.tile_bytes +
        ic_size_align(g.tile_lines * width * IC_PANEL * sizeof(float), IC_ALIGNMENT);
    return g;
}

size_t ic_direct_weight_workspace(const struct ic_device *device,
                                  const struct ic_conv *conv)
{
    const struct weight_gradient g = cut(conv, NULL);

    return g.partial_bytes + (size_t)device->threads * g.thread_bytes;
}

/* --- a chunk ---------------------------------------------------------------------- */

/* Packs one panel of dy: IC_PANEL out channels of some points. */
static void pack_dy(float *panel, const void *dy, size_t points, size_t stride,
                    size_t channels, enum ic_type type)
{
    if (channels < IC_PANEL)
        memset(panel, 0, points * IC_PANEL * sizeof *panel);
    for (size_t i = 0; i < points; i++)
        ic_typed_widen(panel + i * IC_PANEL, ic_const_element(dy, i * stride, type),
                       channels, type);
}

/* Sums one row of the kernel over the points of a tile. */
static void add_row(const struct weight_gradient *g, const struct ic_direct_tile *tile,
                    float *out, size_t offset, const float *panel, bool accumulate)
{
    struct ic_outer outer = {.in = tile->window,
                             .count = tile->windows,
                             .panel = panel,
                             .accumulate = accumulate};

    for (size_t k = 0; k < g->run; k += IC_OUTER_ROWS) {
        outer.out = out + k * IC_PANEL;
        outer.rows = ic_min(IC_OUTER_ROWS, g->run - k);
        outer.offset = offset + k;
        g->kernels->outer(&outer);
    }
}

static void sum_chunk(const void *args, size_t index, int thread)
{
    const struct weight_gradient *const g = args;
    const size_t part = index % (g->row_parts * g->groups);
    const size_t row = part / g->groups * g->rows;
    const size_t first_panel = part % g->groups * g->group;
    const size_t end_panel = ic_min(first_panel + g->group, g->panels);
    const size_t chunk = index / (g->row_parts * g->groups);
    const size_t start = chunk * g->chunk;
    const size_t end = ic_min(start + g->chunk, g->lines);
    float *const sums = g->partial.sums + chunk * ic_partial_weight_floats(&g->partial);
    char *const memory = g->scratch + (size_t)thread * g->thread_bytes;
    float *const packed = (float *)(memory + g->tile_bytes);
    struct ic_windows windows = g->windows;

    windows.top += (int)row;
    windows.rows = (int)g->rows;
    for (size_t line = start; line < end; line += g->tile_lines) {
        const size_t lines = ic_min(g->tile_lines, end - line);
        const struct ic_direct_tile tile =
            ic_direct_tile_load(&windows, memory, line, lines);
        const size_t dy = line * (size_t)windows.grid_width * g->out_channels;

        for (size_t p = first_panel; p < end_panel; p++) {
            const size_t channel = p * IC_PANEL;

            pack_dy(packed, ic_const_element(g->dy, dy + channel, windows.type),
                    tile.windows, g->out_channels,
                    ic_min(IC_PANEL, g->out_channels - channel), windows.type);
            for (size_t r = 0; r < g->rows; r++)
                add_row(g, &tile,
                        sums + (p * g->length + (row + r) * g->run) * IC_PANEL,
                        r * tile.pitch, packed, line > start);
        }
    }
}

void ic_direct_backward_weight(struct ic_device *device, float *dweight, const void *dy,
                               const void *x, void *workspace,
                               const struct ic_conv *conv)
{
    struct weight_gradient g = cut(conv, x);

    g.dy = dy;
    g.kernels = device->kernels;
    g.partial.sums = workspace;
    g.scratch = (char *)workspace + g.partial_bytes;
    ic_cpu_run(device, g.chunks * g.row_parts * g.groups, sum_chunk, &g);
    ic_partial_weights_add(device, dweight, &g.partial);
}
