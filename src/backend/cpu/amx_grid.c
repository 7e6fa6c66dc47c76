/* SPDX-License-Identifier: MIT */
/*
 * Copies pictures to a scratch from which tiles are loaded: see amx.h.
 */
#include <stdint.h>
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/amx.h"
#include "base/size.h"

enum { FEW = 4 /* fewer than 32 channels are filled up to a multiple of this */ };

static size_t above(int a)
{
    return a > 0 ? (size_t)a : 0;
}

/* Pixels or lines that the windows of `count` points in a row cover. */
static int extent(int count, int step, int taps)
{
    return (count - 1) * step + taps;
}

/* The border that a line or picture may share with the next, when its windows cover
 * `reach` pixels from `first` on, and `size` pixels exist: the zeros before or after,
 * whichever are fewer, but less than a window. */
static size_t shared_border(int first, int reach, int size, int taps)
{
    const size_t zeros = ic_min(above(-first), above(first + reach - size));

    return ic_min(zeros, (size_t)taps - 1);
}

static void shape_lines(struct ic_amx_grid *g)
{
    const struct ic_windows *const w = &g->windows;
    const int width = extent(w->grid_width, w->step, w->columns);

    if (w->columns == 1) { /* the pixels in between are not copied */
        g->skip = 1;
        g->points = (size_t)w->grid_width;
    } else {
        const size_t shared = shared_border(w->left, width, w->width, w->columns);

        g->skip = (size_t)w->step;
        g->points = ic_parts((size_t)width - shared, g->skip);
    }
    g->pitch = g->skip * g->pixel;
    g->planes = w->rows == 1 ? 1 : (size_t)w->step;
}

/* A stack of whole pictures, or of bands of one. */
static void shape_stacks(struct ic_amx_grid *g, size_t points, size_t bytes)
{
    const struct ic_windows *const w = &g->windows;
    const size_t height = (size_t)w->grid_height;
    const size_t below = (size_t)(w->rows - 1) / (size_t)w->step;
    const size_t line_bytes = g->planes * g->points * g->pitch;

    g->pictures = g->bands = 1;
    g->band = height;
    g->lines = height + below;
    g->more = 0;
    if (g->points * height > points) {
        g->bands = ic_parts(g->points * height, points);
        g->band = ic_parts(height, ic_min(g->bands, height));
        g->bands = ic_parts(height, g->band);
        g->lines = g->band + below;
    } else {
        const size_t shared =
            w->step > 1 ? 0
                        : shared_border(w->top, extent(w->grid_height, 1, w->rows),
                                        w->height, w->rows);
        const size_t most = ic_min(points / (g->points * (g->lines - shared)),
                                   bytes / (line_bytes * (g->lines - shared)));

        g->lines -= shared;
        g->more = shared;
        g->pictures = most < 1 ? 1 : ic_min(most, g->batch);
        g->pictures = ic_parts(g->batch, ic_parts(g->batch, g->pictures));
    }
    g->stacks = g->bands > 1 ? g->batch * g->bands : ic_parts(g->batch, g->pictures);
}

struct ic_amx_grid ic_amx_grid_of(const struct ic_windows *windows, int batch,
                                  size_t channels, size_t points, size_t bytes)
{
    struct ic_amx_grid g = {
        .windows = *windows, .batch = (size_t)batch, .channels = channels};
    const size_t multiple = channels < IC_AMX_DEPTH ? FEW : IC_AMX_DEPTH;
    size_t behind;

    g.filled = ic_parts(channels, multiple) * multiple;
    g.pixel = g.filled * sizeof(uint16_t);
    shape_lines(&g);
    shape_stacks(&g, points, bytes);
    /* Behind the last line: how far a block that begins at its last point reaches into
     * a next line, with its windows, and how far a step reads beyond a window. */
    behind =
        (IC_AMX_BLOCK + 1) * g.pitch + (size_t)windows->columns * g.pixel + IC_AMX_LINE;
    g.plane = ic_size_align(
        (g.pictures * g.lines + g.more) * g.points * g.pitch + behind, IC_ALIGNMENT);
    return g;
}

size_t ic_amx_grid_bytes(const struct ic_amx_grid *grid)
{
    return grid->planes * grid->plane;
}

/* --- points ----------------------------------------------------------------------- */

static size_t pictures_of(const struct ic_amx_grid *g, size_t stack)
{
    return g->bands > 1 ? 1 : ic_min(g->pictures, g->batch - stack * g->pictures);
}

/* Lines of the grid that a picture of the stack has. */
static size_t height_of(const struct ic_amx_grid *g, size_t stack)
{
    const size_t first = g->bands > 1 ? stack % g->bands * g->band : 0;

    return ic_min(g->band, (size_t)g->windows.grid_height - first);
}

static size_t points_of(const struct ic_amx_grid *g, size_t pictures, size_t height)
{
    return ((pictures - 1) * g->lines + height - 1) * g->points +
           (size_t)g->windows.grid_width;
}

size_t ic_amx_grid_most_points(const struct ic_amx_grid *grid)
{
    return points_of(grid, grid->pictures, grid->band);
}

size_t ic_amx_grid_stack_points(const struct ic_amx_grid *grid, size_t stack)
{
    return points_of(grid, pictures_of(grid, stack), height_of(grid, stack));
}

size_t ic_amx_grid_first(const struct ic_amx_grid *grid, size_t stack)
{
    const size_t height = (size_t)grid->windows.grid_height;
    const size_t line = grid->bands > 1 ? stack / grid->bands * height +
                                              stack % grid->bands * grid->band
                                        : stack * grid->pictures * height;

    return line * (size_t)grid->windows.grid_width;
}

bool ic_amx_grid_point(const struct ic_amx_grid *grid, size_t point, size_t *ret_point)
{
    const size_t width = (size_t)grid->windows.grid_width;
    const size_t line = point / grid->points, column = point % grid->points;
    const size_t picture = line / grid->lines, row = line % grid->lines;

    *ret_point = (picture * (size_t)grid->windows.grid_height + row) * width + column;
    return column < width && row < grid->band;
}

size_t ic_amx_grid_offset(const struct ic_amx_grid *grid, size_t row, size_t column)
{
    return row % grid->planes * grid->plane +
           row / grid->planes * grid->points * grid->pitch + column * grid->pixel;
}

/* --- the copy --------------------------------------------------------------------- */

/* Copies pixels of `channels` numbers, `stride` apart, as pixels of `filled`. */
IC_INLINE void copy_pixels(uint16_t *restrict out, const uint16_t *restrict in,
                           size_t count, size_t stride, size_t channels, size_t filled)
{
    for (size_t i = 0; i < count; i++, in += stride, out += filled) {
        for (size_t c = 0; c < channels; c++)
            out[c] = in[c];
        for (size_t c = channels; c < filled; c++)
            out[c] = 0;
    }
}

/* The same for pixels of 32 numbers, a cache line each. The size is a constant: GCC
 * turns a loop into a call of memmove for each pixel. */
static void copy_lines(uint16_t *restrict out, const uint16_t *restrict in,
                       size_t count, size_t stride)
{
    for (size_t i = 0; i < count; i++, in += stride, out += IC_AMX_DEPTH)
        memcpy(out, in, IC_AMX_LINE);
}

static void copy(const struct ic_amx_grid *g, char *to, const uint16_t *in,
                 size_t count, size_t stride, size_t channels)
{
    uint16_t *const out = (uint16_t *)to;

    if (stride == channels && channels == g->filled)
        memcpy(out, in, count * g->pixel);
    else if (channels == IC_AMX_DEPTH && g->filled == IC_AMX_DEPTH)
        copy_lines(out, in, count, stride);
    else if (channels == 3 && g->filled == FEW)
        copy_pixels(out, in, count, stride, 3, FEW);
    else
        copy_pixels(out, in, count, stride, channels, g->filled);
}

/* Loads a line of the scratch: the pixels of the source's line y, with zeros where it
 * has none. */
static void load_line(const struct ic_amx_grid *g, char *out, const uint16_t *picture,
                      int y, size_t channels)
{
    const struct ic_windows *const w = &g->windows;
    const int pixels = (int)(g->points * g->skip);
    const int step = w->columns == 1 ? w->step : 1;
    const int first = w->left < 0 ? (-w->left + step - 1) / step : 0;
    const int end = w->width <= w->left ? 0 : (w->width - w->left + step - 1) / step;
    const int last = end < pixels ? end : pixels;
    const size_t stride = (size_t)w->channels;

    if (y < 0 || y >= w->height || last <= first) {
        memset(out, 0, (size_t)pixels * g->pixel);
        return;
    }
    memset(out, 0, (size_t)first * g->pixel);
    copy(g, out + (size_t)first * g->pixel,
         picture +
             ((size_t)y * (size_t)w->width + (size_t)(w->left + first * step)) * stride,
         (size_t)(last - first), stride * (size_t)step, channels);
    memset(out + (size_t)last * g->pixel, 0, (size_t)(pixels - last) * g->pixel);
}

void ic_amx_grid_load(const struct ic_amx_grid *grid, char *scratch, size_t stack,
                      size_t first_channel)
{
    const struct ic_windows *const w = &grid->windows;
    const size_t line_bytes = grid->points * grid->pitch;
    const size_t pictures = pictures_of(grid, stack);
    const size_t first = grid->bands > 1 ? stack / grid->bands : stack * grid->pictures;
    const size_t line = grid->bands > 1 ? stack % grid->bands * grid->band : 0;
    const size_t channels = ic_min(grid->channels, (size_t)w->channels - first_channel);
    const size_t floats = (size_t)w->height * (size_t)w->width * (size_t)w->channels;

    for (size_t plane = 0; plane < grid->planes; plane++) {
        char *out = scratch + plane * grid->plane;

        for (size_t i = 0; i < pictures; i++) {
            const uint16_t *const picture =
                (const uint16_t *)w->source + (first + i) * floats + first_channel;
            const size_t lines = grid->lines + (i + 1 == pictures ? grid->more : 0);

            for (size_t r = 0; r < lines; r++, out += line_bytes)
                load_line(grid, out, picture,
                          w->top + (int)((line + r) * (size_t)w->step + plane),
                          channels);
        }
        /* The last line's last windows reach further, and a step reads beyond them. */
        memset(out, 0, (size_t)w->columns * grid->pixel + IC_AMX_LINE);
    }
}
