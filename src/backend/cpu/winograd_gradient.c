/* SPDX-License-Identifier: MIT */
/*
 * Winograd's convolution: the weight gradient, dU[f] = V[f]^T Z[f], dg = G^T dU G, with
 * V = B^T d B of x and Z = A dy A^T. winograd.h has the formula.
 *
 * V, Z and dU are at least four times the size of x, dy and dg. Once written out, they
 * would have to come back from memory, which takes longer than the products. So a task
 * keeps its share of all three in the core's own cache:
 *
 *   slices  of 64 in and 64 out channels: dU of a slice is 576 KiB.
 *   parts   of the tiles, where there are few slices. Each part has a dg of its own,
 *           and these dg are added at the end (partial_weight.h).
 *
 * A task is a slice of a part. It takes block after block of its tiles, computes V and
 * Z of a block and adds V^T Z to dU; then dU becomes dg. V of a tile is computed again
 * for each slice of out channels, Z for each slice of in channels.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/partial_weight.h"
#include "backend/cpu/winograd.h"
#include "base/size.h"

enum {
    SLICE = 64, /* channels */
    SLICE_PANELS = SLICE / IC_PANEL,
    BLOCK = 49, /* tiles; with an even number the frequencies of a tile would share
                   few sets of the cache */
    TASKS = 32  /* the aim, if there are enough tiles */
};

struct gradient {
    struct ic_windows windows; /* of x */
    const void *dy;
    struct ic_winograd_tiles tiles;
    const struct ic_kernels *kernels;
    size_t in, out;
    size_t in_slices, slices;
    size_t part, block; /* tiles */
    struct ic_partial_weights partial;
    struct work *works; /* one per thread */
};

/* The memory that a task works in. */
struct work {
    float v[IC_FREQUENCIES][BLOCK][SLICE];
    float z[IC_FREQUENCIES][SLICE_PANELS][BLOCK][IC_PANEL];
    float sum[IC_FREQUENCIES][SLICE_PANELS][SLICE][IC_PANEL]; /* dU */
};

struct slice {
    size_t in, ins;     /* the first in channel, and how many */
    size_t out, panels; /* the first out channel, and how many panels */
};

/* The work, cut by its size alone. */
static struct gradient gradient_of(const struct ic_conv *conv, const void *x)
{
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, x);
    struct gradient g = {.windows = c.windows, .tiles = ic_winograd_tiles(&c)};
    size_t parts;

    g.in = (size_t)conv->in_channels;
    g.out = (size_t)conv->out_channels;
    g.in_slices = ic_parts(g.in, SLICE);
    g.slices = g.in_slices * ic_parts(g.out, SLICE);
    parts = ic_min(ic_parts(TASKS, g.slices), ic_parts(g.tiles.count, BLOCK));
    g.part = ic_parts(g.tiles.count, parts);
    g.block = ic_parts(g.part, ic_parts(g.part, BLOCK));
    g.partial.parts = ic_parts(g.tiles.count, g.part);
    g.partial.length = IC_TILE_TAPS * g.in;
    g.partial.out_channels = g.out;
    return g;
}

static size_t partial_bytes(const struct gradient *g)
{
    return ic_size_align(g->partial.parts * ic_partial_weight_floats(&g->partial) *
                             sizeof(float),
                         IC_ALIGNMENT);
}

size_t ic_winograd_gradient_workspace(const struct ic_device *device,
                                      const struct ic_conv *conv)
{
    const struct gradient g = gradient_of(conv, NULL);

    return partial_bytes(&g) + (size_t)device->threads * sizeof(struct work);
}

static struct slice slice_of(const struct gradient *g, size_t index)
{
    struct slice s = {.in = index % g->in_slices * SLICE,
                      .out = index / g->in_slices * SLICE};

    s.ins = ic_min(SLICE, g->in - s.in);
    s.panels = ic_parts(ic_min(SLICE, g->out - s.out), IC_PANEL);
    return s;
}

/* --- V and Z of a block ----------------------------------------------------------- */

static const float zeros[SLICE]; /* the pixels beyond an edge */

static void transform_patches(const struct gradient *g, const struct slice *slice,
                              struct work *work, size_t first, size_t count)
{
    const struct ic_winograd_square patch = {
        .pixels =
            (void *)ic_const_element(g->windows.source, slice->in, g->windows.type),
        .type = g->windows.type,
        .height = (size_t)g->windows.height,
        .width = (size_t)g->windows.width,
        .channels = g->in,
        .top = g->windows.top,
        .left = g->windows.left,
        .side = IC_WINOGRAD_PATCH,
    };
    const float *in[IC_FREQUENCIES];
    float *out[IC_FREQUENCIES], copy[IC_FREQUENCIES * SLICE];

    for (size_t i = 0; i < count; i++) {
        ic_winograd_read(in, copy, &patch, &g->tiles, first + i, zeros, slice->ins);
        for (size_t f = 0; f < IC_FREQUENCIES; f++)
            out[f] = work->v[f][i];
        g->kernels->transform[IC_PATCH](
            &(struct ic_transform){.out = out, .in = in, .channels = slice->ins});
    }
}

/* Z of a panel of out channels, from `channel` on. */
static void transform_tiles(const struct gradient *g, struct work *work, size_t panel,
                            size_t channel, size_t first, size_t count)
{
    const struct ic_winograd_square tile = {
        .pixels = (void *)ic_const_element(g->dy, channel, g->windows.type),
        .type = g->windows.type,
        .height = (size_t)g->windows.grid_height,
        .width = (size_t)g->windows.grid_width,
        .channels = g->out,
        .side = IC_WINOGRAD_TILE,
    };
    const size_t channels = ic_min(IC_PANEL, g->out - channel);
    const float *in[IC_TILE_PIXELS];
    float *out[IC_FREQUENCIES], copy[IC_TILE_PIXELS * IC_PANEL];

    for (size_t i = 0; i < count; i++) {
        ic_winograd_read(in, copy, &tile, &g->tiles, first + i, zeros, channels);
        for (size_t f = 0; f < IC_FREQUENCIES; f++) {
            out[f] = work->z[f][panel][i];
            if (channels < IC_PANEL)
                memset(out[f], 0, IC_PANEL * sizeof(float));
        }
        g->kernels->transform[IC_TILE_GRADIENT](
            &(struct ic_transform){.out = out, .in = in, .channels = channels});
    }
}

/* --- the products, and dg --------------------------------------------------------- */

/* dU (=, or += when `accumulate`) V^T Z of a block of `count` tiles. */
static void multiply(const struct gradient *g, const struct slice *slice,
                     struct work *work, size_t count, bool accumulate)
{
    const float *row[BLOCK];
    struct ic_outer outer = {.in = row, .count = count, .accumulate = accumulate};

    for (size_t f = 0; f < IC_FREQUENCIES; f++) {
        for (size_t i = 0; i < count; i++)
            row[i] = work->v[f][i];
        for (size_t p = 0; p < slice->panels; p++) {
            outer.panel = work->z[f][p][0];
            for (size_t i = 0; i < slice->ins; i += IC_OUTER_ROWS) {
                outer.out = work->sum[f][p][i];
                outer.rows = ic_min(IC_OUTER_ROWS, slice->ins - i);
                outer.offset = i;
                g->kernels->outer(&outer);
            }
        }
    }
}

/* dg = G^T dU G, written at the slice's place in a part's sums. */
static void restore(const struct gradient *g, const struct slice *slice,
                    const struct work *work, float *sums)
{
    const float *in[IC_FREQUENCIES];
    float *out[IC_TILE_TAPS];

    for (size_t p = 0; p < slice->panels; p++)
        for (size_t i = 0; i < slice->ins; i++) {
            float *const panel = sums + (slice->out + p * IC_PANEL) * g->partial.length;

            for (size_t f = 0; f < IC_FREQUENCIES; f++)
                in[f] = work->sum[f][p][i];
            for (size_t t = 0; t < IC_TILE_TAPS; t++)
                out[t] = panel + (t * g->in + slice->in + i) * IC_PANEL;
            g->kernels->transform[IC_TAPS_GRADIENT](
                &(struct ic_transform){.out = out, .in = in, .channels = IC_PANEL});
        }
}

static void sum_slice(const void *args, size_t index, int thread)
{
    const struct gradient *const g = args;
    const struct slice slice = slice_of(g, index % g->slices);
    const size_t part = index / g->slices;
    const size_t start = part * g->part;
    const size_t end = ic_min(start + g->part, g->tiles.count);
    struct work *const work = &g->works[thread];

    for (size_t first = start; first < end; first += g->block) {
        const size_t count = ic_min(g->block, end - first);

        transform_patches(g, &slice, work, first, count);
        for (size_t p = 0; p < slice.panels; p++)
            transform_tiles(g, work, p, slice.out + p * IC_PANEL, first, count);
        multiply(g, &slice, work, count, first > start);
    }
    restore(g, &slice, work,
            g->partial.sums + part * ic_partial_weight_floats(&g->partial));
}

void ic_winograd_backward_weight(struct ic_device *device, float *dweight,
                                 const void *dy, const void *x, void *workspace,
                                 const struct ic_conv *conv)
{
    struct gradient g = gradient_of(conv, x);

    g.dy = dy;
    g.kernels = device->kernels;
    g.partial.sums = workspace;
    g.works = (struct work *)((char *)workspace + partial_bytes(&g));
    ic_cpu_run(device, g.slices * g.partial.parts, sum_slice, &g);
    ic_partial_weights_add(device, dweight, &g.partial);
}
