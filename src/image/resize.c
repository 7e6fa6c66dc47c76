/*
 * Pillow's BILINEAR for 8-bit pictures. See resize.h.
 *
 * Output pixel i has its centre at c = (i + 1/2) s of the input, s = input / output. It
 * is the mean of the input pixels j under a triangle of half width h = max(s, 1),
 *
 *     w_j = max(0, 1 - |j + 1/2 - c| / h) / sum_j w_j,
 *
 * summed as (sum_j W_j p_j + 2^21) >> 22 with W_j = round(2^22 w_j). The rows are
 * resampled first, then the columns of the result, which is of 8 bits too. For equal
 * bytes the expressions in double below keep Pillow's order of operations.
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

/* out: one row of `stride` bytes; in: `count` such rows, one a weight. */
static void resample_columns(uint8_t *out, const uint8_t *in, size_t stride, int count,
                             const int32_t *weight)
{
    for (size_t start = 0; start < stride; start += BLOCK) {
        const size_t width = stride - start < BLOCK ? stride - start : BLOCK;
        int32_t sum[BLOCK];

        for (size_t x = 0; x < width; x++)
            sum[x] = HALF;
        for (int j = 0; j < count; j++)
            for (size_t x = 0; x < width; x++)
                sum[x] += weight[j] * in[j * stride + start + x];
        for (size_t x = 0; x < width; x++)
            out[start + x] = to_byte(sum[x]);
    }
}

/* The pixel that stands at `i` when a row of `length` pixels goes on as its own
 * reflection: 2 1 | 0 1 2 | 1 0 1 2. */
static int reflect(int i, int length)
{
    const int period = 2 * (length - 1);

    if (period == 0)
        return 0;
    i %= period;
    i = i < 0 ? i + period : i;
    return i < length ? i : period - i;
}

/* The row `y` of the rectangle: within the picture, or put together in `line`. */
static const uint8_t *rect_row(const struct ic_image *source, struct ic_rect rect,
                               int y, uint8_t *line)
{
    const uint8_t *row =
        source->rgb + (size_t)reflect(rect.top + y, source->height) * source->width * 3;

    if (rect.left >= 0 && rect.width <= source->width - rect.left)
        return row + 3 * (size_t)rect.left;
    for (int x = 0; x < rect.width; x++)
        memcpy(line + 3 * x, row + 3 * reflect(rect.left + x, source->width), 3);
    return line;
}

ic_status ic_resize_bilinear(uint8_t *out, const struct ic_image *source,
                             struct ic_rect rect, int width, int height,
                             struct ic_error *error)
{
    const size_t stride = (size_t)width * 3;
    struct taps across = {0}, down = {0};
    uint8_t *line = NULL, *rows = NULL;
    ic_status status = IC_OK;
    size_t bytes;

    assert(width > 0 && height > 0 && rect.width > 0 && rect.height > 0);
    assert(rect.width <= IC_IMAGE_MAX_SIDE && rect.height <= IC_IMAGE_MAX_SIDE);
    line = malloc((size_t)rect.width * 3);
    if (ic_size_mul(stride, (size_t)rect.height, &bytes))
        rows = malloc(bytes);
    if (line == NULL || rows == NULL || !taps_init(&across, rect.width, width) ||
        !taps_init(&down, rect.height, height)) {
        status = ic_fail(error, IC_ERR_LIMIT,
                         "cannot allocate memory to resize %d x %d to %d x %d pixels",
                         rect.width, rect.height, width, height);
        goto out;
    }
    for (int y = 0; y < rect.height; y++)
        resample_row(rows + (size_t)y * stride, rect_row(source, rect, y, line), width,
                     &across);
    for (int y = 0; y < height; y++)
        resample_columns(out + (size_t)y * stride,
                         rows + (size_t)down.first[y] * stride, stride, down.count[y],
                         down.weight + (size_t)y * down.room);
out:
    taps_free(&across);
    taps_free(&down);
    free(line);
    free(rows);
    return status;
}
