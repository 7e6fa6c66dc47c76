/* SPDX-License-Identifier: MIT */
/*
 * Convolution by im2col: the forward pass and the data gradient. Each is a correlation
 * (correlation.h), and a correlation is a matrix product: one window per row, times the
 * weights.
 *
 * The windows are cut into tiles of rows. A thread gathers a tile into a buffer of its
 * own and multiplies it while it is in the cache; the matrix of all windows, kernel^2
 * times as large as the picture, never exists as a whole (Chellapilla, Puri, Simard,
 * "High performance convolutional neural networks for document processing", 2006, for
 * im2col itself).
 */
#include "backend/cpu/im2col.h"

#include "backend/cpu/correlation.h"
#include "backend/cpu/gemm.h"
#include "backend/cpu/typed.h"

/* A tile has about TILE_FLOATS floats, but no more rows than make TILES tiles, for many
 * threads, and within the limits on rows: the lower limit is needed because BLAS packs
 * the whole matrix of weights again for every tile. */
enum { TILE_FLOATS = 1 << 17, TILES = 16, TILE_ROWS_LEAST = 96, TILE_ROWS_MOST = 384 };

struct product {
    struct ic_correlation correlation;
    struct ic_matrix weights; /* window length x out_channels */
    size_t points, length;
    size_t tile_rows;
    float
        *tiles; /* for each thread, tile_rows windows, then the sums of their points */
    size_t thread_floats;
};

/* A product without its weights and its workspace. */
static struct product product_of(struct ic_correlation correlation)
{
    struct product p = {.correlation = correlation,
                        .points = ic_correlation_points(&correlation),
                        .length = ic_windows_length(&correlation.windows)};

    p.tile_rows =
        ic_min(TILE_FLOATS / (p.length > 0 ? p.length : 1), ic_parts(p.points, TILES));
    if (p.tile_rows < TILE_ROWS_LEAST)
        p.tile_rows = TILE_ROWS_LEAST;
    if (p.tile_rows > TILE_ROWS_MOST)
        p.tile_rows = TILE_ROWS_MOST;
    p.tile_rows = ic_min(p.tile_rows, p.points);
    p.thread_floats = ic_im2col_part(p.tile_rows * p.length) +
                      ic_im2col_part(p.tile_rows * (size_t)correlation.out_channels);
    return p;
}

static void multiply_tile(const void *args, size_t index, int thread)
{
    const struct product *const p = args;
    const struct ic_correlation *const c = &p->correlation;
    const size_t channels = (size_t)c->out_channels;
    const size_t first = index * p->tile_rows;
    const size_t rows = ic_min(p->tile_rows, p->points - first);
    float *const tile = p->tiles + (size_t)thread * p->thread_floats;
    /* With a step of 1 the pixels of neighbouring points are neighbours. */
    const bool in_place = c->step == 1 && c->type == IC_TYPE_FP32;
    float *const sums = in_place ? ic_correlation_pixel(c, first)
                                 : tile + ic_im2col_part(p->tile_rows * p->length);
    struct ic_matrix windows = {ic_windows_direct(&c->windows, first), p->length,
                                false};

    if (windows.data == NULL) {
        ic_windows_gather(&c->windows, tile, first, rows);
        windows.data = tile;
    }
    ic_gemm(sums, channels, windows, p->weights, rows, channels, p->length,
            in_place && c->accumulate);
    for (size_t i = 0; (!in_place || c->epilogue != NULL) && i < rows; i++)
        ic_conv_write(c, ic_correlation_pixel(c, first + i), sums + i * channels, 0,
                      channels);
}

static void multiply(struct ic_device *device, const struct product *p)
{
    if (p->points > 0)
        ic_cpu_run(device, ic_parts(p->points, p->tile_rows), multiply_tile, p);
}

/* Floats of the rounded copy of the weights; 0 in fp32. */
static size_t rounded_floats(const struct ic_conv *conv)
{
    const size_t taps = (size_t)conv->kernel * (size_t)conv->kernel;

    return conv->type == IC_TYPE_FP32
               ? 0
               : ic_im2col_part(taps * (size_t)conv->in_channels *
                                (size_t)conv->out_channels);
}

static void forward(struct ic_device *device, void *y, const void *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct product p = product_of(ic_correlation_forward(conv, y, x));

    if (rounded_floats(conv) > 0) {
        ic_typed_round(workspace, weight, p.length * (size_t)conv->out_channels,
                       conv->type);
        weight = workspace;
    }
    p.weights = (struct ic_matrix){weight, p.length, true};
    p.tiles = (float *)workspace + rounded_floats(conv);
    multiply(device, &p);
}

/* Copies the weights of a phase's taps as [tap][out][in]. */
static void arrange_weights(float *out, const float *weight, const struct ic_conv *conv,
                            const struct ic_correlation *c)
{
    const size_t in = (size_t)conv->in_channels, kernel = (size_t)conv->kernel;

    for (int i = 0; i < c->windows.rows; i++) {
        const size_t row = (size_t)(c->row + i * c->tap_step);

        for (int j = 0; j < c->windows.columns; j++) {
            const size_t column = (size_t)(c->column + j * c->tap_step);

            for (size_t o = 0; o < (size_t)conv->out_channels; o++, out += in)
                ic_typed_round(out,
                               weight + ((o * kernel + row) * kernel + column) * in, in,
                               conv->type);
        }
    }
}

static void backward_input(struct ic_device *device, void *dx, const void *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    const size_t in = (size_t)conv->in_channels;

    for (int phase = 0; phase < ic_correlation_phases(conv); phase++) {
        struct product p =
            product_of(ic_correlation_phase(conv, phase, dx, dy, accumulate));

        p.weights = (struct ic_matrix){workspace, in, false};
        p.tiles = (float *)workspace + ic_im2col_part(p.length * in);
        arrange_weights(workspace, weight, conv, &p.correlation);
        multiply(device, &p);
    }
}

/* --- workspace -------------------------------------------------------------------- */

static size_t forward_floats(const struct ic_device *device, const struct ic_conv *conv)
{
    const struct product p = product_of(ic_correlation_forward(conv, NULL, NULL));

    return (size_t)device->threads * p.thread_floats;
}

static size_t input_floats(const struct ic_device *device, const struct ic_conv *conv)
{
    size_t most = 0;

    for (int phase = 0; phase < ic_correlation_phases(conv); phase++) {
        const struct product p =
            product_of(ic_correlation_phase(conv, phase, NULL, NULL, false));
        const size_t floats = ic_im2col_part(p.length * (size_t)conv->in_channels) +
                              (size_t)device->threads * p.thread_floats;

        most = floats > most ? floats : most;
    }
    return most;
}

static size_t workspace(struct ic_device *device, const struct ic_conv *conv,
                        bool training)
{
    size_t floats = rounded_floats(conv) + forward_floats(device, conv);

    if (training) {
        const size_t input = input_floats(device, conv);
        const size_t weight = ic_im2col_weight_workspace(device, conv);

        floats = input > floats ? input : floats;
        floats = weight > floats ? weight : floats;
    }
    return floats * sizeof(float);
}

/* --- with weights that are packed: as they are, times the scale ---------------------
 */

static size_t packed_bytes(const struct ic_conv *conv)
{
    const struct product p = product_of(ic_correlation_forward(conv, NULL, NULL));

    return p.length * (size_t)conv->out_channels * sizeof(float);
}

static size_t packed_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    return forward_floats(device, conv) * sizeof(float);
}

static void pack_scaled(struct ic_device *device, float *packed, const float *weight,
                        const float *scale, const struct ic_conv *conv)
{
    const struct product p = product_of(ic_correlation_forward(conv, NULL, NULL));

    (void)device;
    for (size_t o = 0; o < (size_t)conv->out_channels; o++)
        for (size_t i = 0; i < p.length; i++)
            packed[o * p.length + i] =
                ic_round(weight[o * p.length + i] * scale[o], conv->type);
}

static void forward_packed(struct ic_device *device, void *y, const void *x,
                           const float *packed, const struct ic_epilogue *epilogue,
                           void *workspace, const struct ic_conv *conv)
{
    struct product p = product_of(ic_correlation_forward(conv, y, x));

    p.correlation.epilogue = epilogue;
    p.weights = (struct ic_matrix){packed, p.length, true};
    p.tiles = workspace;
    multiply(device, &p);
}

const struct ic_cpu_conv ic_cpu_im2col = {
    .workspace = workspace,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_im2col_backward_weight,
    .packed_bytes = packed_bytes,
    .packed_workspace = packed_workspace,
    .pack_scaled = pack_scaled,
    .forward_packed = forward_packed,
};
