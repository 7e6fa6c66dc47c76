/*
 * Pillow's BILINEAR for 8-bit pictures. See resize.h.
 *
 * Output pixel i has its centre at c = (i + 1/2) s of the input, s = input / output. It
 * is the mean of the input pixels j under a triangle of half width h = max(s, 1),
 *
 *     w_j = max(0, 1 - |j + 1/2 - c| / h) / sum_j w_j,
 *
 * summed as (sum_j W_j p_j + 2^21) >> 22 with W_j = round(2^22 w_j). The rows are
 * resampled first, then the columns of the result, which is of 8 bits too; where the
 * height shrinks by more than twice what the width does, the columns come first, as in
 * Pillow since its version 13. For equal bytes the expressions in double below keep
 * Pillow's order of operations.
 */
#include "image/resize.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define WEIGHT_BITS 22
#define HALF        (1 << (WEIGHT_BITS - 1))

/* Columns of the vertical pass whose sums are held at once. */
#define BLOCK 64

/* --- the filter ------------------------------------------------------------------ */

/* The filter for one axis. Output pixel i reads count[i] input pixels from first[i] on,
 * with weights from weight + i * room. */
struct taps {
    int *first, *count;
    int32_t *weight;
    size_t room;
};

static void taps_free(struct taps *taps)
{
    free(taps->first);
    free(taps->count);
    free(taps->weight);
}

static bool taps_alloc(struct taps *taps, int in, int out)
{
    const double half_width = in > out ? (double)in / out : 1.0;
    size_t weights;

    taps->room = (size_t)ceil(half_width) * 2 + 1;
    if (!ic_size_mul((size_t)out, taps->room, &weights) ||
        !ic_size_mul(weights, sizeof *taps->weight, &weights))
        return false;
    taps->first = malloc((size_t)out * sizeof *taps->first);
    taps->count = malloc((size_t)out * sizeof *taps->count);
    taps->weight = malloc(weights);
    return taps->first && taps->count && taps->weight;
}

/* Fills taps for `out` pixels over `in` pixels; `scratch` has room for taps->room. */
static void taps_fill(struct taps *taps, int in, int out, double *scratch)
{
    const double scale = (double)in / out;
    const double half_width = scale < 1.0 ? 1.0 : scale;
    const double inverse = 1.0 / half_width;

    for (int i = 0; i < out; i++) {
        const double centre = (i + 0.5) * scale;
        int32_t *weight = taps->weight + (size_t)i * taps->room;
        int first = (int)(centre - half_width + 0.5);
        int end = (int)(centre + half_width + 0.5);
        double sum = 0;

        first = first > 0 ? first : 0;
        end = end < in ? end : in;
        for (int j = 0; j < end - first; j++) {
            const double distance = fabs((j + first - centre + 0.5) * inverse);
            scratch[j] = distance < 1.0 ? 1.0 - distance : 0.0;
            sum += scratch[j];
        }
        for (int j = 0; j < end - first; j++)
            weight[j] = (int32_t)(0.5 + scratch[j] / sum * (1 << WEIGHT_BITS));
        taps->first[i] = first;
        taps->count[i] = end - first;
    }
}

static bool taps_init(struct taps *taps, int in, int out)
{
    double *scratch;

    if (!taps_alloc(taps, in, out))
        return false;
    scratch = malloc(taps->room * sizeof *scratch);
    if (scratch == NULL)
        return false;
    taps_fill(taps, in, out, scratch);
    free(scratch);
    return true;
}

/* Weights are not negative, but very many rounded ones may sum to more than 1. */
static inline uint8_t to_byte(int32_t sum)
{
    const int32_t value = sum >> WEIGHT_BITS;

    return (uint8_t)(value < 255 ? value : 255);
}

/* out: width, 3; in: a row of the rectangle. */
static void resample_row(uint8_t *out, const uint8_t *in, int width,
                         const struct taps *taps)
{
    for (int i = 0; i < width; i++) {
        const uint8_t *pixel = in + 3 * (size_t)taps->first[i];
        const int32_t *weight = taps->weight + (size_t)i * taps->room;
        int32_t red = HALF, green = HALF, blue = HALF;

        for (int j = 0; j < taps->count[i]; j++) {
            red += weight[j] * pixel[3 * j + 0];
            green += weight[j] * pixel[3 * j + 1];
            blue += weight[j] * pixel[3 * j + 2];
        }
        out[3 * i + 0] = to_byte(red);
        out[3 * i + 1] = to_byte(green);
        out[3 * i + 2] = to_byte(blue);
    }
}

/* out: `size` bytes; rows: `count` rows of as many, one a weight. */
static void resample_columns(uint8_t *out, size_t size, const uint8_t *const *rows,
                             int count, const int32_t *weight)
{
    for (size_t start = 0; start < size; start += BLOCK) {
        const size_t width = size - start < BLOCK ? size - start : BLOCK;
        int32_t sum[BLOCK];

        for (size_t x = 0; x < width; x++)
            sum[x] = HALF;
        for (int j = 0; j < count; j++)
            for (size_t x = 0; x < width; x++)
                sum[x] += weight[j] * rows[j][start + x];
        for (size_t x = 0; x < width; x++)
            out[start + x] = to_byte(sum[x]);
    }
}

/* --- both passes ---------------------------------------------------------------- */

/* One axis of the rectangle on an axis of the picture. `used` pixels from `from` on are
 * read: the rectangle's own, or all where it reaches beyond the picture. */
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

/* Which of the used pixels stands at place `i` of the rectangle, when the picture goes
 * on as its own reflection: 2 1 | 0 1 2 | 1 0 1 2. */
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

/* What a resize works with. */
struct resizer {
    const struct ic_image *source;
    struct axis x, y;
    int width, height; /* to be */
    struct taps across, down;
    const uint8_t **rows; /* the rectangle's rows, for the vertical pass; owned */
    uint8_t *middle;      /* pixels between the passes; owned */
    uint8_t *line;        /* a row with its reflections; owned */
};

static const uint8_t *source_row(const struct resizer *resizer, int y)
{
    return resizer->source->rgb +
           ((size_t)y * resizer->source->width + (size_t)resizer->x.from) * 3;
}

/* Resamples a row of used pixels. */
static void horizontal_pass(const struct resizer *resizer, uint8_t *out,
                            const uint8_t *row)
{
    const struct axis *x = &resizer->x;

    if (x->beyond) {
        for (int i = 0; i < x->length; i++)
            memcpy(resizer->line + 3 * i, row + 3 * axis_pixel(x, i), 3);
        row = resizer->line;
    }
    resample_row(out, row, resizer->width, &resizer->across);
}

/* Writes row `y` of the result, of `size` bytes. */
static void vertical_pass(const struct resizer *resizer, uint8_t *out, size_t size,
                          int y)
{
    const struct taps *down = &resizer->down;

    resample_columns(out, size, resizer->rows + down->first[y], down->count[y],
                     down->weight + (size_t)y * down->room);
}

static void rows_then_columns(const struct resizer *resizer, uint8_t *out)
{
    const size_t stride = (size_t)resizer->width * 3;
    const struct axis *y = &resizer->y;

    for (int i = 0; i < y->used; i++)
        horizontal_pass(resizer, resizer->middle + (size_t)i * stride,
                        source_row(resizer, y->from + i));
    for (int i = 0; i < y->length; i++)
        resizer->rows[i] = resizer->middle + (size_t)axis_pixel(y, i) * stride;
    for (int i = 0; i < resizer->height; i++)
        vertical_pass(resizer, out + (size_t)i * stride, stride, i);
}

static void columns_then_rows(const struct resizer *resizer, uint8_t *out)
{
    const struct axis *y = &resizer->y;

    for (int i = 0; i < y->length; i++)
        resizer->rows[i] = source_row(resizer, y->from + axis_pixel(y, i));
    for (int i = 0; i < resizer->height; i++) {
        vertical_pass(resizer, resizer->middle, (size_t)resizer->x.used * 3, i);
        horizontal_pass(resizer, out + (size_t)i * resizer->width * 3, resizer->middle);
    }
}

static bool resizer_alloc(struct resizer *resizer, bool columns_first)
{
    size_t middle;

    if (!ic_size_mul((size_t)(columns_first ? resizer->x.used : resizer->width) * 3,
                     columns_first ? 1 : (size_t)resizer->y.used, &middle))
        return false;
    resizer->rows = malloc((size_t)resizer->y.length * sizeof *resizer->rows);
    resizer->middle = malloc(middle);
    resizer->line = malloc((size_t)resizer->x.length * 3);
    return resizer->rows && resizer->middle && resizer->line &&
           taps_init(&resizer->across, resizer->x.length, resizer->width) &&
           taps_init(&resizer->down, resizer->y.length, resizer->height);
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
    taps_free(&resizer.across);
    taps_free(&resizer.down);
    free(resizer.rows);
    free(resizer.middle);
    free(resizer.line);
    return status;
}
