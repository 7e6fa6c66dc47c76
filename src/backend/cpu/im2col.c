/*
 * Convolution by im2col: the forward pass and the data gradient. Each is a correlation
 * (correlation.h), and a correlation is a matrix product: one window a row, times the
 * weights.
 *
 * The windows are cut into tiles of rows. A thread gathers a tile into a buffer of its
 * own and multiplies it while it is in the cache; the matrix of all windows, kernel^2
 * times as large as the picture, is never there as a whole (Chellapilla, Puri, Simard,
 * "High performance convolutional neural networks for document processing", 2006, for
 * im2col itself).
 */
#include "backend/cpu/im2col.h"

#include <string.h>

#include "backend/cpu/correlation.h"
#include "backend/cpu/gemm.h"

/* A tile has about TILE_FLOATS floats, but no more rows than make TILES of them, for
 * many threads, and within these limits: the lower one is there because BLAS packs the
 * whole matrix of weights anew for every tile. */
enum { TILE_FLOATS = 1 << 17, TILES = 16, TILE_ROWS_LEAST = 96, TILE_ROWS_MOST = 384 };

struct product {
    struct ic_correlation correlation;
    struct ic_matrix weights; /* window length x out_channels */
    size_t points, length;
    size_t tile_rows;
    float *tiles; /* for each thread, tile_rows windows, then as many output pixels */
    size_t thread_floats;
};

/* A product without its weights and its workspace. */
static struct product product_of(struct ic_correlation correlation)
{
    struct product p = {.correlation = correlation,
                        .points = ic_correlation_points(&correlation),
                        .length = ic_windows_length(&correlation.windows)};

    p.tile_rows = ic_cpu_min(TILE_FLOATS / (p.length > 0 ? p.length : 1),
                             ic_cpu_parts(p.points, TILES));
    if (p.tile_rows < TILE_ROWS_LEAST)
        p.tile_rows = TILE_ROWS_LEAST;
    if (p.tile_rows > TILE_ROWS_MOST)
        p.tile_rows = TILE_ROWS_MOST;
    p.tile_rows = ic_cpu_min(p.tile_rows, p.points);
    p.thread_floats = ic_im2col_part(p.tile_rows * p.length) +
                      ic_im2col_part(p.tile_rows * (size_t)correlation.out_channels);
    return p;
}

static void add_or_copy(float *restrict out, const float *restrict in, size_t count,
                        bool add)
{
    if (!add)
        memcpy(out, in, count * sizeof *out);
    else
        for (size_t i = 0; i < count; i++)
            out[i] += in[i];
}

static void multiply_tile(const void *args, size_t index, int thread)
{
    const struct product *const p = args;
    const struct ic_correlation *const c = &p->correlation;
    const size_t channels = (size_t)c->out_channels;
    const size_t first = index * p->tile_rows;
    const size_t rows = ic_cpu_min(p->tile_rows, p->points - first);
    float *const tile = p->tiles + (size_t)thread * p->thread_floats;
    float *const pixels = tile + ic_im2col_part(p->tile_rows * p->length);
    struct ic_matrix windows = {ic_windows_direct(&c->windows, first), p->length,
                                false};

    if (windows.data == NULL) {
        ic_windows_gather(&c->windows, tile, first, rows);
        windows.data = tile;
    }
    if (c->step == 1) { /* the pixels of neighbouring points are neighbours */
        ic_gemm(ic_correlation_pixel(c, first), channels, windows, p->weights, rows,
                channels, p->length, c->accumulate);
        for (size_t i = 0; c->epilogue != NULL && i < rows; i++)
            ic_epilogue_apply(c->epilogue, c->out, ic_correlation_pixel(c, first + i),
                              0, channels);
        return;
    }
    ic_gemm(pixels, channels, windows, p->weights, rows, channels, p->length, false);
    for (size_t i = 0; i < rows; i++)
        add_or_copy(ic_correlation_pixel(c, first + i), pixels + i * channels, channels,
                    c->accumulate);
}

static void multiply(struct ic_device *device, const struct product *p)
{
    if (p->points > 0)
        ic_cpu_run(device, ic_cpu_parts(p->points, p->tile_rows), multiply_tile, p);
}

static void forward(struct ic_device *device, float *y, const float *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct product p = product_of(ic_correlation_forward(conv, y, x));

    p.weights = (struct ic_matrix){weight, p.length, true};
    p.tiles = workspace;
    multiply(device, &p);
}

/* The weights of a phase's taps as [tap][out][in]. */
static void arrange_weights(float *out, const float *weight, const struct ic_conv *conv,
                            const struct ic_correlation *c)
{
    const size_t in = (size_t)conv->in_channels, kernel = (size_t)conv->kernel;

    for (int i = 0; i < c->windows.rows; i++) {
        const size_t row = (size_t)(c->row + i * c->tap_step);

        for (int j = 0; j < c->windows.columns; j++) {
            const size_t column = (size_t)(c->column + j * c->tap_step);

            for (size_t o = 0; o < (size_t)conv->out_channels; o++, out += in)
                memcpy(out, weight + ((o * kernel + row) * kernel + column) * in,
                       in * sizeof *out);
        }
    }
}

static void backward_input(struct ic_device *device, float *dx, const float *dy,
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
    size_t floats = forward_floats(device, conv);

    if (training) {
        const size_t input = input_floats(device, conv);
        const size_t weight = ic_im2col_weight_workspace(device, conv);

        floats = input > floats ? input : floats;
        floats = weight > floats ? weight : floats;
    }
    return floats * sizeof(float);
}

/* --- with weights that are kept: as they are, times the scale --------------------- */

static size_t kept_bytes(const struct ic_conv *conv)
{
    const struct product p = product_of(ic_correlation_forward(conv, NULL, NULL));

    return p.length * (size_t)conv->out_channels * sizeof(float);
}

static size_t kept_workspace(struct ic_device *device, const struct ic_conv *conv)
{
    return forward_floats(device, conv) * sizeof(float);
}

static void keep(struct ic_device *device, float *kept, const float *weight,
                 const float *scale, const struct ic_conv *conv)
{
    const struct product p = product_of(ic_correlation_forward(conv, NULL, NULL));

    (void)device;
    for (size_t o = 0; o < (size_t)conv->out_channels; o++)
        for (size_t i = 0; i < p.length; i++)
            kept[o * p.length + i] = weight[o * p.length + i] * scale[o];
}

static void forward_kept(struct ic_device *device, float *y, const float *x,
                         const float *kept, const struct ic_epilogue *epilogue,
                         void *workspace, const struct ic_conv *conv)
{
    struct product p = product_of(ic_correlation_forward(conv, y, x));

    p.correlation.epilogue = epilogue;
    p.weights = (struct ic_matrix){kept, p.length, true};
    p.tiles = workspace;
    multiply(device, &p);
}

const struct ic_cpu_conv ic_cpu_im2col = {
    .workspace = workspace,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_im2col_backward_weight,
    .kept_bytes = kept_bytes,
    .kept_workspace = kept_workspace,
    .keep = keep,
    .forward_kept = forward_kept,
};
