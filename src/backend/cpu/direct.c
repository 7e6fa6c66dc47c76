/*
 * Direct convolution: the forward pass and the data gradient, as correlations
 * (correlation.h) without a matrix of windows.
 *
 * In an NHWC array a row of a window is one stretch of floats. So a window is known by
 * where it starts, and the inner loop (kernel.h) walks through the windows of 14 points
 * at once (12 with short vectors), wherever they are, multiplying by 32 out channels'
 * weights; the 448 sums stay in registers. Compared with im2col nothing is gathered and
 * nothing is packed but the weights, once a call (after Dukhan, "The indirect
 * convolution algorithm", 2019).
 *
 * A task is a tile of lines and a group of panels of the weights. It goes through the
 * panels one by one, some rows of the kernel at a time, so that the weights in use stay
 * in the cache for all points of the tile.
 */
#include "backend/cpu/direct.h"

#include <string.h>

#include "backend/cpu/correlation.h"
#include "base/size.h"

enum {
    ALIGN = 256,
    TASKS = 32,       /* as many as that, if groups of PANELS still allow it */
    PANELS = 2,       /* the smallest group */
    RUN_FLOATS = 1536 /* of a window in a pass over the tile: 192 KiB of weights */
};

struct direct {
    struct ic_correlation correlation;
    const float *weight; /* as the convolution has it */
    const struct ic_conv *conv;
    bool transposed; /* the source has the convolution's out channels */

    size_t length, run; /* floats of a window, and of one of its rows */
    size_t lines, tile_lines;
    size_t panels, group, groups; /* of the weights; a group's; how many groups */
    const struct ic_kernels *kernels;

    float *packed; /* panels, length, IC_PANEL */
    char *tiles;   /* for each thread: a tile, then where its points go */
    size_t packed_bytes, tile_bytes, thread_bytes;
};

/* The work of a correlation, cut by its size alone. */
static struct direct direct_of(struct ic_correlation c)
{
    struct direct d = {.correlation = c};
    size_t tiles;

    d.length = ic_windows_length(&c.windows);
    d.run = (size_t)c.windows.columns * (size_t)c.windows.channels;
    d.lines = ic_correlation_lines(&c);
    if (d.length == 0)
        return d;
    d.panels = ic_cpu_parts((size_t)c.out_channels, IC_PANEL);
    d.tile_lines = ic_direct_tile_lines(&c.windows, d.lines);
    tiles = ic_cpu_parts(d.lines, d.tile_lines);
    d.tile_lines = ic_cpu_parts(d.lines, tiles);
    d.groups = ic_cpu_min(ic_cpu_parts(TASKS, tiles), ic_cpu_parts(d.panels, PANELS));
    d.group = ic_cpu_parts(d.panels, d.groups);
    d.groups = ic_cpu_parts(d.panels, d.group);
    d.packed_bytes =
        ic_size_align(d.panels * d.length * IC_PANEL * sizeof(float), ALIGN);
    d.tile_bytes = ic_direct_tile_bytes(&c.windows, d.tile_lines);
    d.thread_bytes =
        d.tile_bytes +
        ic_size_align(d.tile_lines * (size_t)c.windows.grid_width * sizeof(float *),
                      ALIGN);
    return d;
}

static size_t bytes_of(const struct direct *d, const struct ic_device *device)
{
    return d->packed_bytes + (size_t)device->threads * d->thread_bytes;
}

/* --- the weights ------------------------------------------------------------------ */

/* Weights [out][floats] as panel rows [floats][IC_PANEL], from out channel `first` on.
 * Blocks of 16 x 16 use whole cache lines on both sides. */
static void pack_forward(float *panel, const float *weight, size_t stride,
                         size_t floats, size_t channels)
{
    enum { BLOCK = 16 };

    for (size_t k = 0; k < floats; k += BLOCK)
        for (size_t j = 0; j < channels; j += BLOCK)
            for (size_t y = j; y < ic_cpu_min(j + BLOCK, channels); y++)
                for (size_t x = k; x < ic_cpu_min(k + BLOCK, floats); x++)
                    panel[x * IC_PANEL + y] = weight[y * stride + x];
}

/* Source channels that are packed together: so few that there are tasks enough where a
 * phase has a single tap. */
enum { PACK_PART = 128 };

static size_t pack_parts(const struct direct *d)
{
    return ic_cpu_parts((size_t)d->correlation.windows.channels, PACK_PART);
}

/* A part of one tap of the windows, one panel. */
static void pack_part(const void *args, size_t index, int thread)
{
    const struct direct *const d = args;
    const struct ic_correlation *const c = &d->correlation;
    const size_t columns = (size_t)c->windows.columns;
    const size_t taps = (size_t)c->windows.rows * columns;
    const size_t all = (size_t)c->windows.channels;
    const size_t kernel = (size_t)d->conv->kernel, in = (size_t)d->conv->in_channels;
    const size_t stride = kernel * kernel * in; /* of an out channel of the weights */
    const size_t parts = pack_parts(d), tap = index / parts % taps;
    const size_t source = index % parts * PACK_PART;
    const size_t first = index / parts / taps * IC_PANEL;
    const size_t count = ic_cpu_min(PACK_PART, all - source);
    const size_t channels = ic_cpu_min(IC_PANEL, (size_t)c->out_channels - first);
    const size_t row = (size_t)(c->row + (int)(tap / columns) * c->tap_step);
    const size_t column = (size_t)(c->column + (int)(tap % columns) * c->tap_step);
    const float *const from = d->weight + (row * kernel + column) * in;
    float *const panel =
        d->packed + (first / IC_PANEL * d->length + tap * all + source) * IC_PANEL;

    if (channels < IC_PANEL)
        memset(panel, 0, count * IC_PANEL * sizeof *panel);
    if (!d->transposed)
        pack_forward(panel, from + first * stride + source, stride, count, channels);
    else
        for (size_t s = 0; s < count; s++)
            memcpy(panel + s * IC_PANEL, from + (source + s) * stride + first,
                   channels * sizeof *panel);
}

/* --- the points ------------------------------------------------------------------- */

/* The epilogue, on the columns of panels panel .. end - 1. */
static void finish_pixels(const struct ic_correlation *c, float *const *pixels,
                          size_t count, size_t panel, size_t end)
{
    const size_t column = panel * IC_PANEL;
    const size_t columns = ic_cpu_min(end * IC_PANEL, (size_t)c->out_channels) - column;

    for (size_t i = 0; i < count; i++)
        ic_epilogue_apply(c->epilogue, c->out, pixels[i], column, columns);
}

static void correlate_tile(const void *args, size_t index, int thread)
{
    const struct direct *const d = args;
    const struct ic_correlation *const c = &d->correlation;
    const size_t first = index / d->groups * d->tile_lines;
    const size_t lines = ic_cpu_min(d->tile_lines, d->lines - first);
    const size_t panel = index % d->groups * d->group;
    const size_t end = ic_cpu_min(panel + d->group, d->panels);
    const size_t rows = (size_t)c->windows.rows;
    const size_t pass = d->run < RUN_FLOATS ? RUN_FLOATS / d->run : 1;
    char *const memory = d->tiles + (size_t)thread * d->thread_bytes;
    float **const out = (float **)(memory + d->tile_bytes);
    const struct ic_direct_tile tile =
        ic_direct_tile_load(&c->windows, memory, first, lines);

    for (size_t i = 0; i < tile.windows; i++)
        out[i] = ic_correlation_pixel(c, first * (size_t)c->windows.grid_width + i);
    for (size_t row = 0; row < rows; row += pass) {
        for (size_t p = panel; p < end; p++) {
            struct ic_dot dot = {
                .column = p * IC_PANEL,
                .columns = ic_cpu_min(IC_PANEL, (size_t)c->out_channels - p * IC_PANEL),
                .offset = row * tile.pitch,
                .pitch = tile.pitch,
                .runs = ic_cpu_min(pass, rows - row),
                .run = d->run,
                .panel = d->packed + (p * d->length + row * d->run) * IC_PANEL,
                .accumulate = c->accumulate || row > 0,
            };

            for (size_t i = 0; i < tile.windows; i += d->kernels->dot_rows) {
                dot.out = out + i;
                dot.in = tile.window + i;
                dot.rows = ic_cpu_min(d->kernels->dot_rows, tile.windows - i);
                d->kernels->dot(&dot);
            }
        }
    }
    if (c->epilogue != NULL)
        finish_pixels(c, out, tile.windows, panel, end);
}

/* A line of points whose windows have no pixels. */
static void clear_line(const void *args, size_t index, int thread)
{
    const struct direct *const d = args;
    const struct ic_correlation *const c = &d->correlation;
    const size_t width = (size_t)c->windows.grid_width;

    for (size_t i = 0; i < width; i++)
        memset(ic_correlation_pixel(c, index * width + i), 0,
               (size_t)c->out_channels * sizeof(float));
}

static void pack(struct ic_device *device, const struct direct *d)
{
    const struct ic_windows *const windows = &d->correlation.windows;
    const size_t taps = (size_t)windows->rows * (size_t)windows->columns;

    ic_cpu_run(device, d->panels * taps * pack_parts(d), pack_part, d);
}

static void run_tiles(struct ic_device *device, const struct direct *d)
{
    ic_cpu_run(device, ic_cpu_parts(d->lines, d->tile_lines) * d->groups,
               correlate_tile, d);
}

static void correlate(struct ic_device *device, struct direct *d, void *workspace)
{
    if (d->length == 0) {
        if (!d->correlation.accumulate)
            ic_cpu_run(device, d->lines, clear_line, d);
        return;
    }
    d->kernels = device->kernels;
    d->packed = workspace;
    d->tiles = (char *)workspace + d->packed_bytes;
    pack(device, d);
    run_tiles(device, d);
}

/* --- the entries ------------------------------------------------------------------ */

static void forward(struct ic_device *device, float *y, const float *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct direct d = direct_of(ic_correlation_forward(conv, y, x));

    d.weight = weight;
    d.conv = conv;
    correlate(device, &d, workspace);
}

static void backward_input(struct ic_device *device, float *dx, const float *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    for (int phase = 0; phase < ic_correlation_phases(conv); phase++) {
        struct direct d =
            direct_of(ic_correlation_phase(conv, phase, dx, dy, accumulate));

        d.weight = weight;
        d.conv = conv;
        d.transposed = true;
        correlate(device, &d, workspace);
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

/* --- with weights that are kept --------------------------------------------------- */

static size_t kept_bytes(const struct ic_conv *conv)
{
    return direct_of(ic_correlation_forward(conv, NULL, NULL)).packed_bytes;
}

static size_t kept_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    const struct direct d = direct_of(ic_correlation_forward(conv, NULL, NULL));

    return (size_t)device->threads * d.thread_bytes;
}

static void keep(struct ic_device *device, float *kept, const float *weight,
                 const float *scale, const struct ic_conv *conv)
{
    struct direct d = direct_of(ic_correlation_forward(conv, NULL, NULL));

    d.weight = weight;
    d.conv = conv;
    d.packed = kept;
    pack(device, &d);
    ic_conv_scale_panels(device, kept, scale, 1, d.length, (size_t)conv->out_channels);
}

static void forward_kept(struct ic_device *device, float *y, const float *x,
                         const float *kept, const struct ic_epilogue *epilogue,
                         void *workspace, const struct ic_conv *conv)
{
    struct direct d = direct_of(ic_correlation_forward(conv, y, x));

    d.correlation.epilogue = epilogue;
    d.kernels = device->kernels;
    d.packed = (float *)kept;
    d.tiles = workspace;
    run_tiles(device, &d);
}

const struct ic_cpu_conv ic_cpu_direct = {
    .workspace = workspace_bytes,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_direct_backward_weight,
    .kept_bytes = kept_bytes,
    .kept_workspace = kept_workspace,
    .keep = keep,
    .forward_kept = forward_kept,
};
