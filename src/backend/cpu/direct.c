/* SPDX-License-Identifier: MIT */
/*
 * Direct convolution: the forward pass and the data gradient, as correlations
 * (correlation.h) without a matrix of windows.
 *
 * In an NHWC array a row of a window is one stretch of floats. So a window is known by
 * its start, and the inner loop (kernel.h) walks through the windows of 14 points at
 * once (12 with short vectors), wherever they are, multiplying by the weights of 32 out
 * channels; the 448 sums stay in registers. Unlike im2col, this gathers nothing and
 * packs only the weights, once per call (after Dukhan, "The indirect convolution
 * algorithm", 2019).
 *
 * A task is a tile of lines and a group of panels of the weights. It goes through the
 * panels one by one, some rows of the kernel at a time, so that the weights in use stay
 * in the cache for all points of the tile.
 *
 * The inner loop handles only fp32. With bf16 pictures the tile is a widened copy,
 * weights are rounded when they are packed, and the sums of a panel are written,
 * rounded once, when they are complete.
 */
#include "backend/cpu/direct.h"

#include <string.h>

#include "backend/cpu/correlation.h"
#include "backend/cpu/typed.h"
#include "base/size.h"

enum {
    TASKS = 32,       /* the aim, if groups of PANELS still allow it */
    PANELS = 2,       /* of the smallest group */
    RUN_FLOATS = 1536 /* of a window in a pass over the tile: 192 KiB of weights */
};

struct direct {
    struct ic_correlation correlation;

    size_t length, run; /* floats of a window, and of one of its rows */
    size_t lines, tile_lines;
    size_t panels, group, groups; /* panels; panels of a group; groups */
    const struct ic_kernels *kernels;

    float *packed; /* panels, length, IC_PANEL */
    char *tiles;   /* for each thread: a tile, the places of its points' sums, and,
                      except in fp32, these sums of one panel */
    size_t packed_bytes, tile_bytes, place_bytes, thread_bytes;
};

/* The work of a correlation, cut by its size alone. */
static struct direct direct_of(struct ic_correlation c)
{
    struct direct d = {.correlation = c};
    size_t tiles, points;

    d.length = ic_windows_length(&c.windows);
    d.run = (size_t)c.windows.columns * (size_t)c.windows.channels;
    d.lines = ic_correlation_lines(&c);
    if (d.length == 0)
        return d;
    d.panels = ic_parts((size_t)c.out_channels, IC_PANEL);
    d.tile_lines = ic_direct_tile_lines(&c.windows, d.lines);
    tiles = ic_parts(d.lines, d.tile_lines);
    d.tile_lines = ic_parts(d.lines, tiles);
    d.groups = ic_min(ic_parts(TASKS, tiles), ic_parts(d.panels, PANELS));
    d.group = ic_parts(d.panels, d.groups);
    d.groups = ic_parts(d.panels, d.group);
    d.packed_bytes =
        ic_size_align(d.panels * d.length * IC_PANEL * sizeof(float), IC_ALIGNMENT);
    d.tile_bytes = ic_direct_tile_bytes(&c.windows, d.tile_lines);
    points = d.tile_lines * (size_t)c.windows.grid_width;
    d.place_bytes = ic_size_align(points * sizeof(float *), IC_ALIGNMENT);
    d.thread_bytes = d.tile_bytes + d.place_bytes;
    if (c.type != IC_TYPE_FP32)
        d.thread_bytes +=
            ic_size_align(points * IC_PANEL * sizeof(float), IC_ALIGNMENT);
    return d;
}

static size_t bytes_of(const struct direct *d, const struct ic_device *device)
{
    return d->packed_bytes + (size_t)device->threads * d->thread_bytes;
}

/* --- the points ------------------------------------------------------------------- */

/* The places where the sums of the points from `first` on are formed: at the output's
 * pixels or, except in fp32, in `copy`, one panel per point. */
static void find_places(float **place, const struct ic_correlation *c, float *copy,
                        size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        place[i] = c->type == IC_TYPE_FP32 ? ic_correlation_pixel(c, first + i)
                                           : copy + i * IC_PANEL;
}

/* Sums one panel: a pass over the tile for each group of rows of the kernel. */
static void sum_panel(const struct direct *d, const struct ic_direct_tile *tile,
                      float *const *place, size_t panel, size_t column)
{
    const struct ic_correlation *const c = &d->correlation;
    const size_t rows = (size_t)c->windows.rows;
    const size_t pass = d->run < RUN_FLOATS ? RUN_FLOATS / d->run : 1;
    const bool in_place = c->type == IC_TYPE_FP32;

    for (size_t row = 0; row < rows; row += pass) {
        struct ic_dot dot = {
            .column = in_place ? column : 0,
            .columns = ic_min(IC_PANEL, (size_t)c->out_channels - column),
            .offset = row * tile->pitch,
            .pitch = tile->pitch,
            .runs = ic_min(pass, rows - row),
            .run = d->run,
            .panel = d->packed + (panel * d->length + row * d->run) * IC_PANEL,
            .accumulate = (in_place && c->accumulate) || row > 0,
        };

        for (size_t i = 0; i < tile->windows; i += d->kernels->dot_rows) {
            dot.out = place + i;
            dot.in = tile->window + i;
            dot.rows = ic_min(d->kernels->dot_rows, tile->windows - i);
            d->kernels->dot(&dot);
        }
    }
}

/* Writes the sums of panels panel .. end - 1 to the pixels of the points; sums that are
 * there already get the epilogue. */
static void write_panels(const struct ic_correlation *c, float *const *place,
                         size_t first, size_t count, size_t panel, size_t end)
{
    const size_t column = panel * IC_PANEL;
    const size_t columns = ic_min(end * IC_PANEL, (size_t)c->out_channels) - column;

    for (size_t i = 0; i < count; i++)
        if (c->type == IC_TYPE_FP32)
            ic_conv_write(c, place[i], place[i] + column, column, columns);
        else
            ic_conv_write(c, ic_correlation_pixel(c, first + i), place[i], column,
                          columns);
}

static void correlate_tile(const void *args, size_t index, int thread)
{
    const struct direct *const d = args;
    const struct ic_correlation *const c = &d->correlation;
    const size_t line = index / d->groups * d->tile_lines;
    const size_t first = line * (size_t)c->windows.grid_width;
    const size_t panel = index % d->groups * d->group;
    const size_t end = ic_min(panel + d->group, d->panels);
    char *const memory = d->tiles + (size_t)thread * d->thread_bytes;
    float **const place = (float **)(memory + d->tile_bytes);
    const struct ic_direct_tile tile = ic_direct_tile_load(
        &c->windows, memory, line, ic_min(d->tile_lines, d->lines - line));

    find_places(place, c, (float *)(memory + d->tile_bytes + d->place_bytes), first,
                tile.windows);
    for (size_t p = panel; p < end; p++) {
        sum_panel(d, &tile, place, p, p * IC_PANEL);
        if (c->type != IC_TYPE_FP32)
            write_panels(c, place, first, tile.windows, p, p + 1);
    }
    if (c->type == IC_TYPE_FP32 && c->epilogue != NULL)
        write_panels(c, place, first, tile.windows, panel, end);
}

/* Clears a line of points whose windows have no pixels. */
static void clear_line(const void *args, size_t index, int thread)
{
    const struct direct *const d = args;
    const struct ic_correlation *const c = &d->correlation;
    const size_t width = (size_t)c->windows.grid_width;

    for (size_t i = 0; i < width; i++)
        memset(ic_correlation_pixel(c, index * width + i), 0,
               (size_t)c->out_channels * ic_type_bytes(c->type));
}

static void run_tiles(struct ic_device *device, const struct direct *d)
{
    ic_cpu_run(device, ic_parts(d->lines, d->tile_lines) * d->groups, correlate_tile,
               d);
}

static void correlate(struct ic_device *device, struct direct *d, void *workspace,
                      const float *weight, const struct ic_conv *conv, bool transposed)
{
    if (d->length == 0) {
        if (!d->correlation.accumulate)
            ic_cpu_run(device, d->lines, clear_line, d);
        return;
    }
    d->kernels = device->kernels;
    d->packed = workspace;
    d->tiles = (char *)workspace + d->packed_bytes;
    ic_direct_pack(device, d->packed, weight, &d->correlation, conv, transposed,
                   conv->type);
    run_tiles(device, d);
}

/* --- the entries ------------------------------------------------------------------ */

static void forward(struct ic_device *device, void *y, const void *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct direct d = direct_of(ic_correlation_forward(conv, y, x));

    correlate(device, &d, workspace, weight, conv, false);
}

static void backward_input(struct ic_device *device, void *dx, const void *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    for (int phase = 0; phase < ic_correlation_phases(conv); phase++) {
        struct direct d =
            direct_of(ic_correlation_phase(conv, phase, dx, dy, accumulate));

        correlate(device, &d, workspace, weight, conv, true);
    }
}

static size_t workspace_bytes(struct ic_device *device, const struct ic_conv *conv,
                              bool training)
{
    const struct direct d = direct_of(ic_correlation_forward(conv, NULL, NULL));
    size_t most = bytes_of(&d, device);

    for (int phase = 0; training && phase < ic_correlation_phases(conv); phase++) {
        const struct direct p =
            direct_of(ic_correlation_phase(conv, phase, NULL, NULL, false));
        const size_t bytes = bytes_of(&p, device);

        most = bytes > most ? bytes : most;
    }
    if (training) {
        const size_t bytes = ic_direct_weight_workspace(device, conv);

        most = bytes > most ? bytes : most;
    }
    return most;
}

/* --- with weights that are packed ---------------------------------------------------
 */

static size_t packed_bytes(const struct ic_conv *conv)
{
    return direct_of(ic_correlation_forward(conv, NULL, NULL)).packed_bytes;
}

static size_t packed_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    const struct direct d = direct_of(ic_correlation_forward(conv, NULL, NULL));

    return (size_t)device->threads * d.thread_bytes;
}

static void pack_scaled(struct ic_device *device, float *packed, const float *weight,
                        const float *scale, const struct ic_conv *conv)
{
    const struct direct d = direct_of(ic_correlation_forward(conv, NULL, NULL));

    /* Weights are rounded once, when they are scaled. */
    ic_direct_pack(device, packed, weight, &d.correlation, conv, false, IC_TYPE_FP32);
    ic_conv_scale_panels(device, packed, scale, 1, d.length, (size_t)conv->out_channels,
                         conv->type);
}

static void forward_packed(struct ic_device *device, void *y, const void *x,
                           const float *packed, const struct ic_epilogue *epilogue,
                           void *workspace, const struct ic_conv *conv)
{
    struct direct d = direct_of(ic_correlation_forward(conv, y, x));

    d.correlation.epilogue = epilogue;
    d.kernels = device->kernels;
    d.packed = (float *)packed;
    d.tiles = workspace;
    run_tiles(device, &d);
}

const struct ic_cpu_conv ic_cpu_direct = {
    .workspace = workspace_bytes,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_direct_backward_weight,
    .packed_bytes = packed_bytes,
    .packed_workspace = packed_workspace,
    .pack_scaled = pack_scaled,
    .forward_packed = forward_packed,
};
