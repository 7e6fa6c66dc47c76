/* SPDX-License-Identifier: MIT */
/*
 * Tiles of windows for direct convolution.
 */
#include <string.h>

#include "backend/cpu/direct.h"
#include "backend/cpu/typed.h"
#include "base/size.h"

/* The pixels that the windows of `lines` lines of a picture cover: a rectangle. */
struct rectangle {
    int top, left, height, width;
};

static struct rectangle rectangle_of(const struct ic_windows *w, int first, int lines)
{
    return (struct rectangle){
        .top = first * w->step + w->top,
        .left = w->left,
        .height = (lines - 1) * w->step + w->rows,
        .width = (w->grid_width - 1) * w->step + w->columns,
    };
}

/* Whether the source is fp32 and no window hangs over an edge. */
static bool serves_itself(const struct ic_windows *w)
{
    const struct rectangle r = rectangle_of(w, 0, w->grid_height);

    return w->type == IC_TYPE_FP32 && r.top >= 0 && r.left >= 0 &&
           r.top + r.height <= w->height && r.left + r.width <= w->width;
}

/* A tile's lines may belong to several pictures, each with a rectangle of its own. */
static size_t most_floats(const struct ic_windows *w, size_t lines)
{
    const size_t height = (size_t)w->grid_height;
    const size_t pictures = ic_min(lines, lines / height + 2);
    const size_t beyond = w->rows > w->step ? (size_t)(w->rows - w->step) : 0;
    const size_t rows = lines * (size_t)w->step + pictures * beyond;

    return rows * (size_t)rectangle_of(w, 0, 1).width * (size_t)w->channels;
}

static size_t window_bytes(const struct ic_windows *w, size_t lines)
{
    return ic_size_align(lines * (size_t)w->grid_width * sizeof(float *), IC_ALIGNMENT);
}

size_t ic_direct_tile_bytes(const struct ic_windows *w, size_t lines)
{
    const size_t floats = serves_itself(w) ? 0 : most_floats(w, lines);

    return window_bytes(w, lines) + ic_size_align(floats * sizeof(float), IC_ALIGNMENT);
}

size_t ic_direct_tile_lines(const struct ic_windows *w, size_t all)
{
    enum { WINDOWS = 1024, BYTES = 1 << 18 };
    const size_t width = (size_t)rectangle_of(w, 0, 1).width;
    const size_t line_bytes =
        (size_t)w->step * width * (size_t)w->channels * sizeof(float);
    size_t lines = ic_min(WINDOWS / (size_t)w->grid_width, BYTES / line_bytes);

    if (lines < 1)
        lines = 1;
    return ic_min(lines, all);
}

/* Copies a rectangle of a picture, with zeros where it reaches beyond the edges. */
static void copy_rectangle(float *out, const struct ic_windows *w, const void *picture,
                           struct rectangle r)
{
    const size_t channels = (size_t)w->channels;
    const size_t floats = (size_t)r.width * channels;
    const int before = r.left < 0 ? -r.left : 0;
    const int first = r.left + before;
    const int after = r.left + r.width - w->width;
    const int inside = r.width - before - (after > 0 ? after : 0);

    for (int row = 0; row < r.height; row++, out += floats) {
        const int y = r.top + row;
        const size_t lead = (size_t)before * channels;
        const size_t body = inside > 0 ? (size_t)inside * channels : 0;

        if (y < 0 || y >= w->height || body == 0) {
            memset(out, 0, floats * sizeof *out);
            continue;
        }
        memset(out, 0, lead * sizeof *out);
        ic_typed_widen(
            out + lead,
            ic_const_element(picture,
                             ((size_t)y * (size_t)w->width + (size_t)first) * channels,
                             w->type),
            body, w->type);
        memset(out + lead + body, 0, (floats - lead - body) * sizeof *out);
    }
}

struct ic_direct_tile ic_direct_tile_load(const struct ic_windows *w, void *memory,
                                          size_t first, size_t lines)
{
    const size_t channels = (size_t)w->channels, height = (size_t)w->grid_height;
    const size_t picture_floats = (size_t)w->height * (size_t)w->width * channels;
    const size_t step = (size_t)w->step;
    const bool direct = serves_itself(w);
    const size_t width = (size_t)(direct ? w->width : rectangle_of(w, 0, 1).width);
    struct ic_direct_tile tile = {memory, 0, width * channels};
    float *copy = (float *)((char *)memory + window_bytes(w, lines));

    while (lines > 0) {
        const size_t n = first / height, qy = first % height;
        const size_t here = ic_min(lines, height - qy);
        const struct rectangle r = rectangle_of(w, (int)qy, (int)here);
        const void *const picture =
            ic_const_element(w->source, n * picture_floats, w->type);
        const float *from = copy;

        if (direct) {
            from = (const float *)picture +
                   ((size_t)r.top * width + (size_t)r.left) * channels;
        } else {
            copy_rectangle(copy, w, picture, r);
            copy += (size_t)r.height * tile.pitch;
        }
        for (size_t y = 0; y < here; y++)
            for (size_t x = 0; x < (size_t)w->grid_width; x++)
                tile.window[tile.windows++] =
                    from + y * step * tile.pitch + x * step * channels;
        first += here;
        lines -= here;
    }
    return tile;
}
