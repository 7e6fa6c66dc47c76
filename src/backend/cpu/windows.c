/* SPDX-License-Identifier: MIT */
/*
 * Gathers windows. The pixels of a window's row are neighbours in the source too, so
 * each row is one copy, with zeros before and after where the window hangs over the
 * edge.
 */
#include "backend/cpu/windows.h"

#include <string.h>

#include "backend/cpu/typed.h"

size_t ic_windows_length(const struct ic_windows *windows)
{
    return (size_t)windows->rows * (size_t)windows->columns * (size_t)windows->channels;
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Gathers the window whose first pixel is (y, x) of the picture. */
static void gather_window(const struct ic_windows *w, const void *picture, int y, int x,
                          float *out)
{
    const size_t channels = (size_t)w->channels;
    const size_t row_floats = (size_t)w->columns * channels;
    const int first = clamp(-x, 0, w->columns); /* columns inside: first .. end - 1 */
    const int end = clamp(w->width - x, first, w->columns);
    const size_t before = (size_t)first * channels;
    const size_t inside = (size_t)(end - first) * channels;

    for (int row = 0; row < w->rows; row++, out += row_floats) {
        const int sy = y + row;
        size_t from;

        if (sy < 0 || sy >= w->height || inside == 0) {
            memset(out, 0, row_floats * sizeof *out);
            continue;
        }
        from = ((size_t)sy * (size_t)w->width + (size_t)(x + first)) * channels;
        memset(out, 0, before * sizeof *out);
        ic_typed_widen(out + before, ic_const_element(picture, from, w->type), inside,
                       w->type);
        memset(out + before + inside, 0, (row_floats - before - inside) * sizeof *out);
    }
}

void ic_windows_gather(const struct ic_windows *w, float *matrix, size_t first,
                       size_t count)
{
    const size_t grid = (size_t)w->grid_height * (size_t)w->grid_width;
    const size_t picture_floats =
        (size_t)w->height * (size_t)w->width * (size_t)w->channels;
    const size_t length = ic_windows_length(w);
    const void *picture =
        ic_const_element(w->source, first / grid * picture_floats, w->type);
    int qy = (int)(first % grid / (size_t)w->grid_width);
    int qx = (int)(first % grid % (size_t)w->grid_width);

    for (size_t i = 0; i < count; i++) {
        gather_window(w, picture, qy * w->step + w->top, qx * w->step + w->left,
                      matrix + i * length);
        if (++qx < w->grid_width)
            continue;
        qx = 0;
        if (++qy < w->grid_height)
            continue;
        qy = 0;
        picture = ic_const_element(picture, picture_floats, w->type);
    }
}

const float *ic_windows_direct(const struct ic_windows *w, size_t first)
{
    if (w->type != IC_TYPE_FP32 || w->rows != 1 || w->columns != 1 || w->step != 1 ||
        w->top != 0 || w->left != 0 || w->grid_height != w->height ||
        w->grid_width != w->width)
        return NULL;
    return (const float *)w->source + first * (size_t)w->channels;
}
