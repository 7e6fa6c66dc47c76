/* SPDX-License-Identifier: MIT */
/*
 * Winograd's convolution: the forward pass and the data gradient, as correlations
 * (correlation.h). winograd.h has the formula.
 *
 * Three stages: patches to V, for each frequency M = V U, and M to pixels. The speed
 * depends on where V, U and M are meanwhile:
 *
 *   by blocks       A task takes a block of tiles through all three stages. V and M of
 *                   the block stay in the core's own cache; U is read from the shared
 *                   one for each block.
 *   by frequencies  Where U is large (many channels), or tiles are few, each stage goes
 *                   over the whole batch; a middle stage's task takes one frequency.
 */
#include "backend/cpu/winograd.h"

#include <string.h>

#include "base/size.h"

enum {
    BLOCK_BYTES = 5 << 18,   /* of V and M in a block */
    SHARED_BYTES = 12 << 20, /* U up to this size goes by blocks, */
    BLOCKS = 8,              /* at least as many, if there are enough tiles, */
    LEAST_BLOCKS = 4,        /* with fewer, it goes by frequencies */
    GROUP = 4                /* panels of a task that goes by frequencies */
};

struct winograd {
    struct ic_correlation correlation;
    struct ic_winograd_tiles tiles;
    const struct ic_kernels *kernels;
    size_t in, out, panels;
    size_t block, blocks; /* tiles of a block, and blocks */
    bool by_blocks;

    float *weight; /* U: panel, frequency, in, IC_PANEL */
    float *zeros;  /* `in` of them */
    char *works;   /* one, or one per thread */
    char *copies;  /* one per thread, except in fp32: a tile's pixels, widened */
    size_t weight_bytes, zeros_bytes, work_bytes, copy_bytes;
};

/* V and M of some tiles. */
struct work {
    float *v; /* frequency, tile, in */
    float *m; /* frequency, tile, out */
    size_t tiles;
    float *copy; /* the thread's */
};

/* The work, cut by its size alone. */
static struct winograd winograd_of(struct ic_correlation c)
{
    struct winograd w = {.correlation = c, .tiles = ic_winograd_tiles(&c)};
    size_t fit;

    w.in = (size_t)c.windows.channels;
    w.out = (size_t)c.out_channels;
    w.panels = ic_parts(w.out, IC_PANEL);
    w.weight_bytes = ic_size_align(
        IC_FREQUENCIES * w.panels * w.in * IC_PANEL * sizeof(float), IC_ALIGNMENT);
    w.zeros_bytes = ic_size_align(w.in * sizeof(float), IC_ALIGNMENT);

    fit = BLOCK_BYTES / (IC_FREQUENCIES * (w.in + w.out) * sizeof(float));
    fit = ic_min(fit, w.tiles.count / BLOCKS) / IC_DOT_ROWS * IC_DOT_ROWS;
    fit = fit > 0 ? fit : IC_DOT_ROWS;
    w.blocks = ic_parts(w.tiles.count, fit);
    w.block = ic_parts(w.tiles.count, w.blocks);
    w.by_blocks = w.weight_bytes <= SHARED_BYTES && w.blocks >= LEAST_BLOCKS;
    w.work_bytes = ic_size_align(IC_FREQUENCIES * (w.in + w.out) * sizeof(float) *
                                     (w.by_blocks ? w.block : w.tiles.count),
                                 IC_ALIGNMENT);
    if (c.type != IC_TYPE_FP32)
        w.copy_bytes = ic_size_align(IC_FREQUENCIES * (w.in > w.out ? w.in : w.out) *
                                         sizeof(float),
                                     IC_ALIGNMENT);
    return w;
}

static size_t bytes_of(const struct winograd *w, const struct ic_device *device)
{
    const size_t works = w->by_blocks ? (size_t)device->threads : 1;

    return w->weight_bytes + w->zeros_bytes + works * w->work_bytes +
           (size_t)device->threads * w->copy_bytes;
}

static struct work work_of(const struct winograd *w, int thread)
{
    struct work work = {.tiles = w->by_blocks ? w->block : w->tiles.count};

    work.v = (float *)(w->works + (w->by_blocks ? (size_t)thread : 0) * w->work_bytes);
    work.m = work.v + IC_FREQUENCIES * work.tiles * w->in;
    work.copy = (float *)(w->copies + (size_t)thread * w->copy_bytes);
    return work;
}

/* --- the stages ------------------------------------------------------------------- */

/* V = B^T d B of `count` tiles from `first` on, written at places `place` and on. */
static void transform_patches(const struct winograd *w, const struct work *work,
                              size_t place, size_t first, size_t count)
{
    const struct ic_windows *const source = &w->correlation.windows;
    const struct ic_winograd_square patch = {
        .pixels = (void *)source->source,
        .type = source->type,
        .height = (size_t)source->height,
        .width = (size_t)source->width,
        .channels = w->in,
        .top = source->top,
        .left = source->left,
        .side = IC_WINOGRAD_PATCH,
    };
    const float *in[IC_FREQUENCIES];
    float *out[IC_FREQUENCIES];
    const struct ic_transform transform = {.out = out, .in = in, .channels = w->in};

    for (size_t i = 0; i < count; i++) {
        ic_winograd_read(in, work->copy, &patch, &w->tiles, first + i, w->zeros, w->in);
        for (size_t f = 0; f < IC_FREQUENCIES; f++)
            out[f] = work->v + (f * work->tiles + place + i) * w->in;
        w->kernels->transform[IC_PATCH](&transform);
    }
}

/* M = V U of one frequency and panel of out channels, for `count` tiles in groups of
 * equal size. */
static void multiply(const struct winograd *w, const struct work *work, size_t f,
                     size_t panel, size_t count)
{
    const size_t group = ic_parts(count, ic_parts(count, w->kernels->dot_rows));
    const size_t column = panel * IC_PANEL;
    const float *in[IC_DOT_ROWS];
    float *out[IC_DOT_ROWS];
    struct ic_dot dot = {
        .out = out,
        .in = in,
        .runs = 1,
        .run = w->in,
        .column = column,
        .columns = ic_min(IC_PANEL, w->out - column),
        .panel = w->weight + (panel * IC_FREQUENCIES + f) * w->in * IC_PANEL,
    };

    for (size_t first = 0; first < count; first += group) {
        dot.rows = ic_min(group, count - first);
        for (size_t i = 0; i < dot.rows; i++) {
            in[i] = work->v + (f * work->tiles + first + i) * w->in;
            out[i] = work->m + (f * work->tiles + first + i) * w->out;
        }
        w->kernels->dot(&dot);
    }
}

/* y = A^T M A of `count` tiles from `first` on, read at places `place` and on. */
static void transform_tiles(const struct winograd *w, const struct work *work,
                            size_t place, size_t first, size_t count)
{
    const struct ic_correlation *const c = &w->correlation;
    const struct ic_winograd_square tile = {
        .pixels = c->out,
        .type = c->type,
        .height = (size_t)c->out_height,
        .width = (size_t)c->out_width,
        .channels = w->out,
        .side = IC_WINOGRAD_TILE,
    };
    const float *in[IC_FREQUENCIES];
    void *pixel[IC_TILE_PIXELS];
    float *out[IC_TILE_PIXELS];
    const bool in_place = c->type == IC_TYPE_FP32;
    const struct ic_transform transform = {.out = out,
                                           .in = in,
                                           .channels = w->out,
                                           .accumulate = in_place && c->accumulate};

    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < IC_FREQUENCIES; f++)
            in[f] = work->m + (f * work->tiles + place + i) * w->out;
        ic_winograd_locate(pixel, &tile, &w->tiles, first + i);
        for (size_t p = 0; p < IC_TILE_PIXELS; p++)
            out[p] = in_place || pixel[p] == NULL ? pixel[p] : work->copy + p * w->out;
        w->kernels->transform[IC_TILE](&transform);
        for (size_t p = 0; (!in_place || c->epilogue != NULL) && p < IC_TILE_PIXELS;
             p++)
            if (pixel[p] != NULL)
                ic_conv_write(c, pixel[p], out[p], 0, w->out);
    }
}

/* --- the tasks -------------------------------------------------------------------- */

static void run_block(const void *args, size_t index, int thread)
{
    const struct winograd *const w = args;
    const struct work work = work_of(w, thread);
    const size_t first = index * w->block;
    const size_t count = ic_min(w->block, w->tiles.count - first);

    transform_patches(w, &work, 0, first, count);
    for (size_t f = 0; f < IC_FREQUENCIES; f++)
        for (size_t p = 0; p < w->panels; p++)
            multiply(w, &work, f, p, count);
    transform_tiles(w, &work, 0, first, count);
}

static void run_patches(const void *args, size_t index, int thread)
{
    const struct winograd *const w = args;
    const struct work work = work_of(w, thread);

    transform_patches(w, &work, index, index, 1);
}

static void run_frequency(const void *args, size_t index, int thread)
{
    const struct winograd *const w = args;
    const struct work work = work_of(w, thread);
    const size_t groups = ic_parts(w->panels, GROUP);
    const size_t first = index % groups * GROUP;

    for (size_t p = first; p < ic_min(first + GROUP, w->panels); p++)
        multiply(w, &work, index / groups, p, w->tiles.count);
}

static void run_tiles(const void *args, size_t index, int thread)
{
    const struct winograd *const w = args;
    const struct work work = work_of(w, thread);

    transform_tiles(w, &work, index, index, 1);
}

/* Runs the tasks; U must be at w->weight. */
static void run_tasks(struct ic_device *device, struct winograd *w, void *memory)
{
    w->kernels = device->kernels;
    w->zeros = memory;
    w->copies = (char *)w->zeros + w->zeros_bytes;
    w->works = w->copies + (size_t)device->threads * w->copy_bytes;
    memset(w->zeros, 0, w->zeros_bytes);
    if (w->by_blocks) {
        ic_cpu_run(device, w->blocks, run_block, w);
    } else {
        ic_cpu_run(device, w->tiles.count, run_patches, w);
        ic_cpu_run(device, IC_FREQUENCIES * ic_parts(w->panels, GROUP), run_frequency,
                   w);
        ic_cpu_run(device, w->tiles.count, run_tiles, w);
    }
}

static void correlate(struct ic_device *device, struct winograd *w, void *workspace,
                      const float *weight, const struct ic_conv *conv, bool transposed)
{
    w->weight = workspace;
    ic_winograd_transform_weight(device, w->weight, weight, NULL, conv, transposed);
    run_tasks(device, w, (char *)workspace + w->weight_bytes);
}

/* --- the entries ------------------------------------------------------------------ */

static void forward(struct ic_device *device, void *y, const void *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct winograd w = winograd_of(ic_correlation_forward(conv, y, x));

    correlate(device, &w, workspace, weight, conv, false);
}

static void backward_input(struct ic_device *device, void *dx, const void *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    struct winograd w = winograd_of(ic_correlation_phase(conv, 0, dx, dy, accumulate));

    correlate(device, &w, workspace, weight, conv, true);
}

static size_t workspace_bytes(struct ic_device *device, const struct ic_conv *conv,
                              bool training)
{
    const struct winograd w = winograd_of(ic_correlation_forward(conv, NULL, NULL));
    size_t most = bytes_of(&w, device);

    if (training) {
        const struct winograd g =
            winograd_of(ic_correlation_phase(conv, 0, NULL, NULL, false));
        const size_t data = bytes_of(&g, device);
        const size_t weight = ic_winograd_gradient_workspace(device, conv);

        most = data > most ? data : most;
        most = weight > most ? weight : most;
    }
    return most;
}

/* --- with weights that are packed ---------------------------------------------------
 */

static size_t packed_bytes(const struct ic_conv *conv)
{
    return winograd_of(ic_correlation_forward(conv, NULL, NULL)).weight_bytes;
}

static size_t packed_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    const struct winograd w = winograd_of(ic_correlation_forward(conv, NULL, NULL));

    return bytes_of(&w, device) - w.weight_bytes;
}

/* U is linear in the taps, so in fp32 the scale is applied after the transform, which
 * is faster. In bf16 it is applied to the taps, before they are rounded. */
static void pack_scaled(struct ic_device *device, float *packed, const float *weight,
                        const float *scale, const struct ic_conv *conv)
{
    const struct winograd w = winograd_of(ic_correlation_forward(conv, NULL, NULL));
    const bool scale_later = conv->type == IC_TYPE_FP32;

    ic_winograd_transform_weight(device, packed, weight, scale_later ? NULL : scale,
                                 conv, false);
    if (scale_later)
        ic_conv_scale_panels(device, packed, scale, IC_FREQUENCIES, w.in, w.out,
                             IC_TYPE_FP32);
}

static void forward_packed(struct ic_device *device, void *y, const void *x,
                           const float *packed, const struct ic_epilogue *epilogue,
                           void *workspace, const struct ic_conv *conv)
{
    struct winograd w = winograd_of(ic_correlation_forward(conv, y, x));

    w.correlation.epilogue = epilogue;
    w.weight = (float *)packed;
    run_tasks(device, &w, workspace);
}

const struct ic_cpu_conv ic_cpu_winograd = {
    .workspace = workspace_bytes,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_winograd_backward_weight,
    .packed_bytes = packed_bytes,
    .packed_workspace = packed_workspace,
    .pack_scaled = pack_scaled,
    .forward_packed = forward_packed,
};
