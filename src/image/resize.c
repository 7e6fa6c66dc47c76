/* SPDX-License-Identifier: MIT */
/*
 * Pillow's BILINEAR for 8-bit pictures: which pixels are filtered, and in which order.
 * See resize.h, and filter.c for the formula.
 *
 * The rows are filtered first, then the columns of the result, which has 8 bits, too.
 * Where the height shrinks by more than twice as much as the width, the columns come
 * first, as in Pillow since version 13.
 */
#include "image/resize.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/size.h"
#include "image/filter.h"

#define LANES IC_FILTER_LANES

/* One axis of the rectangle in the picture. `used` pixels from `from` on are read: the
 * rectangle's own, or all of the picture's where the rectangle reaches beyond it. */
struct axis {
    int start, length;
    int limit; /* of the picture */
    int from, used;
    bool beyond;
};

static struct axis make_axis(int start, int length, int limit)
{
    const bool beyond = start < 0 || length > limit - start;
    const struct axis axis = {
        start, length, limit, beyond ? 0 : start, beyond ? limit : length, beyond};

    return axis;
}

/* The index of the used pixel at place `i` of the rectangle, where the picture
 * continues as its own reflection: 2 1 | 0 1 2 | 1 0 1 2. */
static int axis_pixel(const struct axis *axis, int i)
{
    const int period = 2 * (axis->limit - 1);

    if (!axis->beyond)
        return i;
    if (period == 0)
        return 0;
    i = (axis->start + i) % period;
    i = i < 0 ? i + period : i;
    return i < axis->limit ? i : period - i;
}

/* The state of a resize. */
struct resizer {
    const struct ic_image *source;
    struct axis x, y;
    int width, height; /* of the output */
    struct ic_filter across, down;
    const uint8_t **rows; /* the rectangle's rows, for the vertical pass; owned */
    uint8_t *middle;      /* pixels between the passes; owned */
    uint8_t *lanes;       /* interleaved rows; owned */
    uint8_t *filtered;    /* the same, filtered; owned */
};

static const uint8_t *source_row(const struct resizer *resizer, int y)
{
    return resizer->source->rgb +
           ((size_t)y * resizer->source->width + (size_t)resizer->x.from) * 3;
}

/* Filters LANES rows of used pixels. */
static void horizontal_pass(const struct resizer *resizer, uint8_t *const *out,
                            const uint8_t *const *rows)
{
    const struct axis *x = &resizer->x;
    uint8_t *lanes = resizer->lanes;

    if (!x->beyond)
        ic_filter_interleave(lanes, rows, (size_t)x->length * 3);
    else
        for (int i = 0; i < 3 * x->length; i++) {
            const int byte = 3 * axis_pixel(x, i / 3) + i % 3;

            for (int r = 0; r < LANES; r++)
                *lanes++ = rows[r][byte];
        }
    ic_filter_rows(resizer->filtered, resizer->lanes, resizer->width, &resizer->across);
    ic_filter_separate(out, resizer->filtered, (size_t)resizer->width * 3);
}

/* In both orders below, the last group of LANES rows is filled up with the last row,
 * which is then written several times. */
static int clamp(int row, int count)
{
    return row < count ? row : count - 1;
}

static void rows_then_columns(const struct resizer *resizer, uint8_t *out)
{
    const size_t stride = (size_t)resizer->width * 3;
    const struct axis *y = &resizer->y;

    for (int i = 0; i < y->used; i += LANES) {
        const uint8_t *from[LANES];
        uint8_t *to[LANES];

        for (int r = 0; r < LANES; r++) {
            from[r] = source_row(resizer, y->from + clamp(i + r, y->used));
            to[r] = resizer->middle + (size_t)clamp(i + r, y->used) * stride;
        }
        horizontal_pass(resizer, to, from);
    }
    for (int i = 0; i < y->length; i++)
        resizer->rows[i] = resizer->middle + (size_t)axis_pixel(y, i) * stride;
    for (int i = 0; i < resizer->height; i++)
        ic_filter_columns(out + (size_t)i * stride, resizer->rows, stride, i,
                          &resizer->down);
}

static void columns_then_rows(const struct resizer *resizer, uint8_t *out)
{
    const size_t used = (size_t)resizer->x.used * 3;
    const struct axis *y = &resizer->y;

    for (int i = 0; i < y->length; i++)
        resizer->rows[i] = source_row(resizer, y->from + axis_pixel(y, i));
    for (int i = 0; i < resizer->height; i += LANES) {
        const uint8_t *from[LANES];
        uint8_t *to[LANES];

        for (int r = 0; r < LANES; r++) {
            const int row = clamp(i + r, resizer->height);
            uint8_t *middle = resizer->middle + (size_t)r * used;

            ic_filter_columns(middle, resizer->rows, used, row, &resizer->down);
            from[r] = middle;
            to[r] = out + (size_t)row * resizer->width * 3;
        }
        horizontal_pass(resizer, to, from);
    }
}

static bool resizer_alloc(struct resizer *resizer, bool columns_first)
{
    const size_t width = (size_t)(columns_first ? resizer->x.used : resizer->width);
    const size_t rows = columns_first ? LANES : (size_t)resizer->y.used;
    size_t middle;

    if (!ic_size_mul(width * 3, rows, &middle))
        return false;
    resizer->rows = malloc((size_t)resizer->y.length * sizeof *resizer->rows);
    resizer->middle = malloc(middle);
    resizer->lanes = malloc((size_t)resizer->x.length * 3 * LANES);
    resizer->filtered = malloc((size_t)resizer->width * 3 * LANES);
    return resizer->rows && resizer->middle && resizer->lanes && resizer->filtered &&
           ic_filter_init(&resizer->across, resizer->x.length, resizer->width) &&
           ic_filter_init(&resizer->down, resizer->y.length, resizer->height);
}

static void resizer_free(struct resizer *resizer)
{
    ic_filter_free(&resizer->across);
    ic_filter_free(&resizer->down);
    free(resizer->rows);
    free(resizer->middle);
    free(resizer->lanes);
    free(resizer->filtered);
}

ic_status ic_resize_bilinear(uint8_t *out, const struct ic_image *source,
                             struct ic_rect rect, int width, int height,
                             struct ic_error *error)
{
    struct resizer resizer = {.source = source,
                              .x = make_axis(rect.left, rect.width, source->width),
                              .y = make_axis(rect.top, rect.height, source->height),
                              .width = width,
                              .height = height};
    const bool columns_first =
        rect.height > height && rect.height - height > 2 * (rect.width - width);
    ic_status status = IC_OK;

    assert(width > 0 && width <= IC_IMAGE_MAX_SIDE);
    assert(height > 0 && height <= IC_IMAGE_MAX_SIDE);
    assert(rect.width > 0 && rect.width <= IC_IMAGE_MAX_SIDE);
    assert(rect.height > 0 && rect.height <= IC_IMAGE_MAX_SIDE);
    if (!resizer_alloc(&resizer, columns_first))
        status = ic_fail(error, IC_ERR_LIMIT,
                         "cannot allocate memory to resize %d x %d to %d x %d pixels",
                         rect.width, rect.height, width, height);
    else if (columns_first)
        columns_then_rows(&resizer, out);
    else
        rows_then_columns(&resizer, out);
    resizer_free(&resizer);
    return status;
}
