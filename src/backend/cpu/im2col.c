/*
 * Convolution as matrix products: the forward pass and the data gradient.
 *
 * Both are one thing, a correlation: a grid of windows of the source (windows.h), times
 * a matrix, gives the pixels of the output.
 *
 *   forward:        windows of x, times the weights [out][kernel, kernel, in].
 *   data gradient:  input pixel i feeds output pixel o through tap k where
 *                   i + pad - k = stride * o. So input pixels with the same remainder
 *                   modulo the stride, a phase, use the same taps, every stride-th of
 *                   the kernel; and as i grows by one stride, o grows by one. A phase
 *                   is therefore a correlation of dy with step 1 and those taps, in
 *                   falling order, times the weights [tap][out][in]. No pixel is
 *                   scattered to, and no tap is multiplied by an inserted zero.
 *
 * The grid is cut into tiles of rows. A thread gathers a tile of windows into a buffer
 * of its own and multiplies it while it is in the cache; the matrix of all windows,
 * kernel^2 times as large as the picture, is never there as a whole (Chellapilla, Puri,
 * Simard, "High performance convolutional neural networks for document processing",
 * 2006, for im2col itself).
 */
#include "backend/cpu/im2col.h"

#include <string.h>

#include "backend/cpu/gemm.h"

/* A tile has about TILE_FLOATS floats, within these limits on its rows. The upper one
 * makes enough tiles for many threads; the lower one is there because BLAS packs the
 * whole matrix anew for every tile. */
enum { TILE_FLOATS = 1 << 17, TILE_ROWS_LEAST = 96, TILE_ROWS_MOST = 384 };

struct correlation {
    struct ic_windows windows;
    size_t grid_rows;        /* windows of the whole batch */
    struct ic_matrix matrix; /* window length x out_channels */

    /* Grid point (qy, qx) is pixel (qy * step + top, qx * step + left) of the output.
     */
    float *out; /* batch, out_height, out_width, out_channels */
    int out_height, out_width, out_channels;
    int step, top, left;
    bool accumulate;

    size_t tile_rows;
    float *tiles; /* for each thread, tile_rows windows, then as many output pixels */
    size_t thread_floats;
};

static size_t tile_rows(size_t length, size_t grid_rows)
{
    size_t rows = TILE_FLOATS / (length > 0 ? length : 1);

    if (rows < TILE_ROWS_LEAST)
        rows = TILE_ROWS_LEAST;
    if (rows > TILE_ROWS_MOST)
        rows = TILE_ROWS_MOST;
    return ic_cpu_min(rows, grid_rows);
}

/* Floats of scratch for one thread. */
static size_t thread_floats(size_t rows, size_t length, size_t channels)
{
    return ic_im2col_part(rows * length) + ic_im2col_part(rows * channels);
}

/* --- a tile -------------------------------------------------------------------------
 */

IC_INLINE void add_floats(float *restrict out, const float *restrict in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] += in[i];
}

/* Puts the pixels of grid points first .. first + rows - 1 where they belong. */
static IC_TARGET_CLONES void place_pixels(const struct correlation *c,
                                          const float *pixels, size_t first,
                                          size_t rows)
{
    const size_t width = (size_t)c->windows.grid_width;
    const size_t height = (size_t)c->windows.grid_height;
    const size_t channels = (size_t)c->out_channels;

    for (size_t i = 0; i < rows; i++) {
        const size_t point = first + i;
        const size_t n = point / (width * height);
        const size_t oy = point / width % height * (size_t)c->step + (size_t)c->top;
        const size_t ox = point % width * (size_t)c->step + (size_t)c->left;
        const size_t line = n * (size_t)c->out_height + oy;
        float *const out = c->out + (line * (size_t)c->out_width + ox) * channels;

        if (c->accumulate)
            add_floats(out, pixels + i * channels, channels);
        else
            memcpy(out, pixels + i * channels, channels * sizeof *out);
    }
}

static void correlate_tile(const void *args, size_t index, int thread)
{
    const struct correlation *const c = args;
    const size_t length = ic_windows_length(&c->windows);
    const size_t channels = (size_t)c->out_channels;
    const size_t first = index * c->tile_rows;
    const size_t rows = ic_cpu_min(c->tile_rows, c->grid_rows - first);
    float *const tile = c->tiles + (size_t)thread * c->thread_floats;
    float *const pixels = tile + ic_im2col_part(c->tile_rows * length);
    const float *windows = ic_windows_direct(&c->windows, first);

    if (windows == NULL) {
        ic_windows_gather(&c->windows, tile, first, rows);
        windows = tile;
    }
    if (c->step == 1) {
        ic_gemm(c->out + first * channels, channels,
                (struct ic_matrix){windows, length, false}, c->matrix, rows, channels,
                length, c->accumulate);
    } else {
        ic_gemm(pixels, channels, (struct ic_matrix){windows, length, false}, c->matrix,
                rows, channels, length, false);
        place_pixels(c, pixels, first, rows);
    }
}

static void correlate(struct ic_device *device, struct correlation *c, int batch)
{
    const size_t length = ic_windows_length(&c->windows);

    c->grid_rows =
        (size_t)batch * (size_t)c->windows.grid_height * (size_t)c->windows.grid_width;
    c->tile_rows = tile_rows(length, c->grid_rows);
    if (c->grid_rows == 0)
        return;
    c->thread_floats = thread_floats(c->tile_rows, length, (size_t)c->out_channels);
    ic_cpu_run(device, ic_cpu_parts(c->grid_rows, c->tile_rows), correlate_tile, c);
}

/* --- forward ------------------------------------------------------------------------
 */

static void forward(struct ic_device *device, float *y, const float *x,
                    const float *weight, void *workspace, const struct ic_conv *conv)
{
    struct correlation c = {
        .windows = ic_im2col_windows(conv, x),
        .out = y,
        .out_height = conv->out_height,
        .out_width = conv->out_width,
        .out_channels = conv->out_channels,
        .step = 1,
        .tiles = workspace,
    };

    c.matrix = (struct ic_matrix){weight, ic_windows_length(&c.windows), true};
    correlate(device, &c, conv->batch);
}

/* --- data gradient ------------------------------------------------------------------
 */

/* One direction (rows or columns) of a phase: its pixels and its taps. */
struct phase {
    int pixels; /* of the input in this phase */
    int taps;   /* of the kernel */
    int last;   /* the highest tap: they are last, last - stride, ... */
    int start;  /* output pixel that meets `last` at the phase's first input pixel */
};

static struct phase phase_of(const struct ic_conv *conv, int size, int remainder)
{
    const int lowest = (remainder + conv->pad) % conv->stride;
    struct phase phase = {0};

    phase.pixels = (size - remainder + conv->stride - 1) / conv->stride;
    if (lowest >= conv->kernel)
        return phase;
    phase.taps = (conv->kernel - 1 - lowest) / conv->stride + 1;
    phase.last = lowest + (phase.taps - 1) * conv->stride;
    phase.start = (remainder + conv->pad - phase.last) / conv->stride;
    return phase;
}

/* The weights of a phase's taps as [tap][out][in], taps falling. */
static void transpose_weights(float *out, const float *weight,
                              const struct ic_conv *conv, struct phase rows,
                              struct phase columns)
{
    const size_t in = (size_t)conv->in_channels, kernel = (size_t)conv->kernel;

    for (int i = 0; i < rows.taps; i++) {
        const size_t row = (size_t)(rows.last - i * conv->stride);

        for (int j = 0; j < columns.taps; j++) {
            const size_t column = (size_t)(columns.last - j * conv->stride);

            for (size_t o = 0; o < (size_t)conv->out_channels; o++, out += in)
                memcpy(out, weight + ((o * kernel + row) * kernel + column) * in,
                       in * sizeof *out);
        }
    }
}

static void backward_phase(struct ic_device *device, float *dx, const float *dy,
                           const float *weight, float *workspace,
                           const struct ic_conv *conv, int top, int left,
                           bool accumulate)
{
    const struct phase rows = phase_of(conv, conv->in_height, top);
    const struct phase columns = phase_of(conv, conv->in_width, left);
    struct correlation c = {
        .windows = {.source = dy,
                    .height = conv->out_height,
                    .width = conv->out_width,
                    .channels = conv->out_channels,
                    .grid_height = rows.pixels,
                    .grid_width = columns.pixels,
                    .step = 1,
                    .top = rows.start,
                    .left = columns.start,
                    .rows = rows.taps,
                    .columns = columns.taps},
        .matrix = {workspace, (size_t)conv->in_channels, false},
        .out = dx,
        .out_height = conv->in_height,
        .out_width = conv->in_width,
        .out_channels = conv->in_channels,
        .step = conv->stride,
        .top = top,
        .left = left,
        .accumulate = accumulate,
    };
    const size_t weights = ic_windows_length(&c.windows) * (size_t)conv->in_channels;

    c.tiles = workspace + ic_im2col_part(weights);
    transpose_weights(workspace, weight, conv, rows, columns);
    correlate(device, &c, conv->batch);
}

static void backward_input(struct ic_device *device, float *dx, const float *dy,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv, bool accumulate)
{
    for (int top = 0; top < conv->stride && top < conv->in_height; top++)
        for (int left = 0; left < conv->stride && left < conv->in_width; left++)
            backward_phase(device, dx, dy, weight, workspace, conv, top, left,
                           accumulate);
}

/* --- workspace ----------------------------------------------------------------------
 */

static size_t forward_floats(const struct ic_device *device, const struct ic_conv *conv)
{
    const struct ic_windows windows = ic_im2col_windows(conv, NULL);
    const size_t length = ic_windows_length(&windows);
    const size_t grid =
        (size_t)conv->batch * (size_t)conv->out_height * (size_t)conv->out_width;

    return (size_t)device->threads *
           thread_floats(tile_rows(length, grid), length, (size_t)conv->out_channels);
}

/* Enough for every phase: none has more taps, or more pixels, than the first of them
 * that has any; so take the most of each. */
static size_t input_floats(const struct ic_device *device, const struct ic_conv *conv)
{
    const size_t taps = ic_cpu_parts((size_t)conv->kernel, (size_t)conv->stride);
    const size_t height = ic_cpu_parts((size_t)conv->in_height, (size_t)conv->stride);
    const size_t width = ic_cpu_parts((size_t)conv->in_width, (size_t)conv->stride);
    const size_t grid = (size_t)conv->batch * height * width;
    const size_t channels = (size_t)conv->in_channels;
    size_t most = 0;

    for (size_t rows = 0; rows <= taps; rows++) {
        for (size_t columns = 0; columns <= taps; columns++) {
            const size_t length = rows * columns * (size_t)conv->out_channels;
            const size_t thread =
                thread_floats(tile_rows(length, grid), length, channels);
            const size_t floats =
                ic_im2col_part(length * channels) + (size_t)device->threads * thread;

            most = floats > most ? floats : most;
        }
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

const struct ic_cpu_conv ic_cpu_im2col = {
    .workspace = workspace,
    .forward = forward,
    .backward_input = backward_input,
    .backward_weight = ic_im2col_backward_weight,
};
