/* SPDX-License-Identifier: MIT */
/*
 * Averages a picture that shrinks, then samples it. See sample.h.
 *
 * Places are computed in double, and the rest in integers: places in 1/2048 of a pixel,
 * samples in 1/256 of a level, so that a byte before rounding is within a quarter of a
 * level of exact arithmetic.
 */
#include "image/sample.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "image/warp.h"

enum { PLACE_BITS = 11, ONE = 1 << PLACE_BITS };

/* --- the picture that is sampled ------------------------------------------------ */

/* The side of the sampled picture: `side`, or less where the picture is averaged first.
 * fastai's rule: the size shrinks by 2 d, and the matrix enlarges by z. */
static int sampled_side(int side, int size, const double matrix[9])
{
    const double d = (double)side / size / 2;
    double least = INFINITY, most = -INFINITY;

    for (int corner = 0; corner < 4; corner++) { /* a quadrangle ends at its corners */
        const double x = corner & 1 ? 1 : -1, y = corner & 2 ? 1 : -1;
        const double w = matrix[6] * x + matrix[7] * y + matrix[8];

        for (int i = 0; i < 6; i += 3) {
            const double c = (matrix[i] * x + matrix[i + 1] * y + matrix[i + 2]) / w;

            least = fmin(least, c);
            most = fmax(most, c);
        }
    }
    if (d > 1 && d > 2 / (most - least))
        return (int)(side * (1 / d)); /* in this order PyTorch's rounding */
    return side;
}

/* Output i averages the inputs that it touches: floor(i in / out) to
 * ceil((i + 1) in / out). */
static void window(int range[2], int i, int in, int out)
{
    range[0] = (int)((int64_t)i * in / out);
    range[1] = (int)(((int64_t)(i + 1) * in + out - 1) / out);
}

/* sums = the sums over the rows range[0] to range[1] - 1. */
static void sum_rows(uint32_t *sums, const struct ic_image *square, const int range[2])
{
    const size_t length = (size_t)square->width * 3;
    const uint8_t *row = square->rgb + (size_t)range[0] * length;

    for (size_t i = 0; i < length; i++)
        sums[i] = row[i];
    for (int y = range[0] + 1; y < range[1]; y++) {
        row += length;
        for (size_t i = 0; i < length; i++)
            sums[i] += row[i];
    }
}

/* Averages over windows. `sums` and `columns` have room for a row of the picture.
 * Nearly all windows have as many pixels as the last one, so its share of 2^40 is kept.
 */
static void average(uint16_t *out, int side, const struct ic_image *square,
                    uint32_t *sums, int (*columns)[2])
{
    int count = 0;
    uint64_t share = 0;

    for (int x = 0; x < side; x++)
        window(columns[x], x, square->width, side);
    for (int y = 0; y < side; y++) {
        int rows[2];

        window(rows, y, square->height, side);
        sum_rows(sums, square, rows);
        for (int x = 0; x < side; x++, out += 3) {
            uint32_t sum[3] = {0};
            int pixels;

            for (int i = columns[x][0]; i < columns[x][1]; i++)
                for (int c = 0; c < 3; c++)
                    sum[c] += sums[3 * i + c];
            pixels = (rows[1] - rows[0]) * (columns[x][1] - columns[x][0]);
            if (pixels != count)
                share = ((UINT64_C(1) << 40) + (uint64_t)pixels / 2) / (uint64_t)pixels;
            count = pixels;
            for (int c = 0; c < 3; c++)
                out[c] = (uint16_t)((sum[c] * share + (UINT64_C(1) << 31)) >> 32);
        }
    }
}

static void widen(uint16_t *out, const struct ic_image *square)
{
    const size_t count = (size_t)square->width * (size_t)square->height * 3;

    for (size_t i = 0; i < count; i++)
        out[i] = (uint16_t)(square->rgb[i] << 8);
}

/* --- sampling ------------------------------------------------------------------- */

/* Computes the matrix from pixels to pixels. */
static void to_pixels(double out[9], const double matrix[9], int side, int size)
{
    const double half = (side - 1) / 2.0, step = size > 1 ? 2.0 / (size - 1) : 0;
    const double first = size > 1 ? -1 : 0; /* a single pixel shows the middle */
    double inner[9];

    ic_matrix_multiply(inner, matrix,
                       (double[9]){step, 0, first, /**/ 0, step, first, /**/ 0, 0, 1});
    ic_matrix_multiply(
        out, (double[9]){half, 0, half, /**/ 0, half, half, /**/ 0, 0, 1}, inner);
}

/* Folds a coordinate at 0 and `span`, as often as needed; in 1/2048 of a pixel. */
static inline int32_t fold(double x, double span, double periods)
{
    const double far = fabs(x);
    const int32_t turns = (int32_t)(far * periods);
    const double rest = far - turns * span, back = turns & 1;
    const int32_t place = (int32_t)((rest + back * (span - 2 * rest)) * ONE + 0.5);
    const int32_t last = (int32_t)(span * ONE), inside = place < last ? place : last;

    return inside > 0 ? inside : 0;
}

/* Computes the places that the pixels of a row come from. */
static void find_places(int32_t *xs, int32_t *ys, int size, int row,
                        const double pixels[9], int side)
{
    const double span = side - 1, periods = side > 1 ? 1 / span : 0;
    const double x0 = pixels[1] * row + pixels[2], y0 = pixels[4] * row + pixels[5];
    const double w0 = pixels[7] * row + pixels[8];

#pragma omp simd
    for (int i = 0; i < size; i++) {
        const double scale = 1 / (pixels[6] * i + w0);

        xs[i] = fold((pixels[0] * i + x0) * scale, span, periods);
        ys[i] = fold((pixels[3] * i + y0) * scale, span, periods);
    }
}

static void sample_row(uint8_t *out, const uint16_t *source, int side, int size,
                       const int32_t *xs, const int32_t *ys, const uint8_t *curve)
{
    for (int i = 0; i < size; i++, out += 3) {
        const int x = xs[i] >> PLACE_BITS, y = ys[i] >> PLACE_BITS;
        const uint32_t right = (uint32_t)xs[i] % ONE, left = ONE - right;
        const uint32_t below = (uint32_t)ys[i] % ONE, above = ONE - below;
        const size_t next = x < side - 1 ? 3 : 0;
        const uint16_t *upper = source + ((size_t)y * (size_t)side + (size_t)x) * 3;
        const uint16_t *lower = upper + (y < side - 1 ? (size_t)side * 3 : 0);

        for (size_t c = 0; c < 3; c++) {
            const uint64_t up = upper[c] * left + upper[c + next] * right;
            const uint64_t low = lower[c] * left + lower[c + next] * right;
            const uint64_t sum = up * above + low * below;

            out[c] = curve[(sum + ONE * ONE / 2) >> (2 * PLACE_BITS)];
        }
    }
}

ic_status ic_sample(uint8_t *out, const struct ic_image *square, int size,
                    const double matrix[9], const uint8_t *curve,
                    struct ic_error *error)
{
    const int side = sampled_side(square->width, size, matrix);
    const size_t length = (size_t)size, width = (size_t)square->width;
    uint16_t *source = NULL;
    int32_t *places = calloc(length, 2 * sizeof *places);
    uint32_t *sums = calloc(width, 3 * sizeof *sums);
    int(*columns)[2] = calloc(width, sizeof *columns);
    double pixels[9];
    size_t bytes = 0;
    ic_status status = IC_OK;

    assert(size >= 1 && square->width == square->height);
    assert(square->width <= IC_IMAGE_MAX_SIDE);
    if (ic_size_mul((size_t)side * (size_t)side, 3 * sizeof *source, &bytes))
        source = malloc(bytes);
    if (source == NULL || places == NULL || sums == NULL || columns == NULL) {
        status = ic_fail_memory(error, "a picture to sample", bytes);
        goto out;
    }
    if (side == square->width)
        widen(source, square);
    else
        average(source, side, square, sums, columns);
    to_pixels(pixels, matrix, side, size);
    for (int row = 0; row < size; row++) {
        find_places(places, places + size, size, row, pixels, side);
        sample_row(out + (size_t)row * length * 3, source, side, size, places,
                   places + size, curve);
    }
out:
    free(columns);
    free(sums);
    free(places);
    free(source);
    return status;
}
