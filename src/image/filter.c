/* SPDX-License-Identifier: MIT */
/*
 * The triangle filter along one axis. See filter.h.
 *
 * Output pixel i has its centre at c = (i + 1/2) s in the input, s = input / output. It
 * is the mean of the input pixels j under a triangle of half width h = max(s, 1),
 *
 *     w_j = max(0, 1 - |j + 1/2 - c| / h) / sum_j w_j,
 *
 * summed as (sum_j W_j p_j + 2^21) >> 22 with W_j = round(2^22 w_j). The double
 * expressions below keep Pillow's order of operations, to give equal bytes.
 */
#include "image/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define LANES       IC_FILTER_LANES
#define WEIGHT_BITS 22
#define HALF        (1 << (WEIGHT_BITS - 1))

/* Bytes summed at once: a pixel of interleaved rows. */
#define BLOCK (3 * LANES)

/* Bytes of a row that are interleaved or separated at once. */
#define TILE 32

/* Input pixels per output pixel that are summed in registers. */
#define FEW 4

/* --- weights -------------------------------------------------------------------- */

void ic_filter_free(struct ic_filter *filter)
{
    free(filter->first);
    free(filter->count);
    free(filter->weight);
    free(filter->in);
    free(filter->sum);
}

static bool allocate(struct ic_filter *filter, int in, int out)
{
    const double half_width = in > out ? (double)in / out : 1.0;
    size_t weights;

    filter->room = (size_t)ceil(half_width) * 2 + 1;
    if (!ic_size_mul((size_t)out, filter->room, &weights) ||
        !ic_size_mul(weights, sizeof *filter->weight, &weights))
        return false;
    filter->first = malloc((size_t)out * sizeof *filter->first);
    filter->count = malloc((size_t)out * sizeof *filter->count);
    filter->weight = malloc(weights);
    filter->in = malloc(filter->room * sizeof *filter->in);
    filter->sum = malloc(BLOCK * sizeof *filter->sum);
    return filter->first && filter->count && filter->weight && filter->in &&
           filter->sum;
}

/* Computes the weights; `scratch` has room for filter->room. A volatile product is
 * rounded on its own, which rules out a fused multiply-add. */
static void fill(struct ic_filter *filter, int in, int out, double *scratch)
{
    const double scale = (double)in / out;
    const double half_width = scale < 1.0 ? 1.0 : scale;
    const double inverse = 1.0 / half_width;

    for (int i = 0; i < out; i++) {
        const volatile double product = (i + 0.5) * scale;
        const double centre = product;
        int32_t *weight = filter->weight + (size_t)i * filter->room;
        int first = (int)(centre - half_width + 0.5);
        int end = (int)(centre + half_width + 0.5);
        double sum = 0;

        first = first > 0 ? first : 0;
        end = end < in ? end : in;
        for (int j = 0; j < end - first; j++) {
            const volatile double ratio = (j + first - centre + 0.5) * inverse;
            const double distance = fabs(ratio);
            scratch[j] = distance < 1.0 ? 1.0 - distance : 0.0;
            sum += scratch[j];
        }
        for (int j = 0; j < end - first; j++)
            weight[j] = (int32_t)(0.5 + scratch[j] / sum * (1 << WEIGHT_BITS));
        filter->first[i] = first;
        filter->count[i] = end - first;
    }
}

bool ic_filter_init(struct ic_filter *filter, int in, int out)
{
    double *scratch;

    if (!allocate(filter, in, out))
        return false;
    scratch = malloc(filter->room * sizeof *scratch);
    if (scratch == NULL)
        return false;
    fill(filter, in, out, scratch);
    free(scratch);
    return true;
}

/* --- pixels --------------------------------------------------------------------- */

IC_TARGET_CLONES void ic_filter_interleave(uint8_t *restrict lanes,
                                           const uint8_t *const *rows, size_t size)
{
    for (size_t i = 0; i < size; i++)
        for (int r = 0; r < LANES; r++)
            lanes[LANES * i + r] = rows[r][i];
}

IC_TARGET_CLONES void ic_filter_separate(uint8_t *const *rows, const uint8_t *lanes,
                                         size_t size)
{
    for (size_t start = 0; start < size; start += TILE) {
        const size_t count = size - start < TILE ? size - start : TILE;
        uint8_t tile[LANES][TILE];

        for (size_t i = 0; i < count; i++)
            for (int r = 0; r < LANES; r++)
                tile[r][i] = lanes[LANES * (start + i) + r];
        for (int r = 0; r < LANES; r++)
            memcpy(rows[r] + start, tile[r], count);
    }
}

/* Weights are not negative, but up to 32768 rounded weights may sum to a little more
 * than 1: the greatest value is 256, which becomes 255. */
static inline uint8_t to_byte(int32_t sum)
{
    const int32_t value = sum >> WEIGHT_BITS;

    return (uint8_t)(value - (value >> 8));
}

#define INLINE static inline __attribute__((always_inline))

/* Loops over bytes that become sums, 16 at a time: BLOCK is a multiple of 16, but not
 * of the width of wide vectors. */
#define BYTES_LOOP _Pragma("omp simd simdlen(16)")

/* out[i] = the sum of in[j][i] weight[j] over j < count. With a constant count the sum
 * stays in a register. */
INLINE void sum_few(uint8_t *restrict out, const uint8_t *const *in, size_t length,
                    int count, const int32_t *weight)
{
    const uint8_t *from[FEW];
    int32_t by[FEW];

    for (int j = 0; j < count; j++) {
        from[j] = in[j];
        by[j] = weight[j];
    }
    BYTES_LOOP
    for (size_t i = 0; i < length; i++) {
        int32_t sum = HALF;

        for (int j = 0; j < count; j++)
            sum += by[j] * from[j][i];
        out[i] = to_byte(sum);
    }
}

/* sum[i] += the sum of in[j][start + i] weight[j] over j < count, a constant. */
INLINE void add_few(int32_t *sum, const uint8_t *const *in, size_t start, size_t length,
                    int count, const int32_t *weight)
{
    const uint8_t *from[FEW];
    int32_t by[FEW];

    for (int j = 0; j < count; j++) {
        from[j] = in[j] + start;
        by[j] = weight[j];
    }
    BYTES_LOOP
    for (size_t i = 0; i < length; i++) {
        int32_t more = 0;

        for (int j = 0; j < count; j++)
            more += by[j] * from[j][i];
        sum[i] += more;
    }
}

/* As sum_few, for any count and for at most BLOCK bytes from `start` on. `sum` has room
 * for their sums. (With a local array in its place, GCC 12 merges the steps of the
 * loops over j and then does not vectorise them.) */
INLINE void sum_block(uint8_t *out, const uint8_t *const *in, size_t start,
                      size_t length, int count, const int32_t *weight, int32_t *sum)
{
    int j = 0;

    BYTES_LOOP
    for (size_t i = 0; i < length; i++)
        sum[i] = HALF;
    for (; j + FEW <= count; j += FEW)
        add_few(sum, in + j, start, length, FEW, weight + j);
    for (; j < count; j++)
        add_few(sum, in + j, start, length, 1, weight + j);
    BYTES_LOOP
    for (size_t i = 0; i < length; i++)
        out[start + i] = to_byte(sum[i]);
}

/* Computes output pixel i, or row i, of `length` bytes, from the inputs `in`. */
INLINE void sum_weighted(uint8_t *restrict out, const uint8_t *const *in, size_t length,
                         int i, const struct ic_filter *filter)
{
    const int32_t *const weight = filter->weight + (size_t)i * filter->room;
    const int count = filter->count[i];
    size_t start = 0;

    switch (count) {
    case 2:
        sum_few(out, in, length, 2, weight);
        break;
    case 3:
        sum_few(out, in, length, 3, weight);
        break;
    case FEW:
        sum_few(out, in, length, FEW, weight);
        break;
    default:
        for (; start + BLOCK <= length; start += BLOCK)
            sum_block(out, in, start, BLOCK, count, weight, filter->sum);
        if (start < length)
            sum_block(out, in, start, length - start, count, weight, filter->sum);
    }
}

IC_TARGET_CLONES void ic_filter_rows(uint8_t *restrict out, const uint8_t *restrict in,
                                     int width, const struct ic_filter *filter)
{
    const size_t pixel = 3 * LANES;

    for (int i = 0; i < width; i++) {
        const uint8_t *from = in + pixel * (size_t)filter->first[i];

        for (int j = 0; j < filter->count[i]; j++)
            filter->in[j] = from + pixel * (size_t)j;
        sum_weighted(out + pixel * (size_t)i, filter->in, pixel, i, filter);
    }
}

IC_TARGET_CLONES void ic_filter_columns(uint8_t *restrict out,
                                        const uint8_t *const *rows, size_t size, int y,
                                        const struct ic_filter *filter)
{
    sum_weighted(out, rows + filter->first[y], size, y, filter);
}
