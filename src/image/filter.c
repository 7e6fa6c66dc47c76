/*
 * The triangle filter along one axis. See filter.h.
 *
 * Output pixel i has its centre at c = (i + 1/2) s of the input, s = input / output. It
 * is the mean of the input pixels j under a triangle of half width h = max(s, 1),
 *
 *     w_j = max(0, 1 - |j + 1/2 - c| / h) / sum_j w_j,
 *
 * summed as (sum_j W_j p_j + 2^21) >> 22 with W_j = round(2^22 w_j). For equal bytes
 * the expressions in double below keep Pillow's order of operations.
 */
#include "image/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define LANES       IC_FILTER_LANES
#define WEIGHT_BITS 22
#define HALF        (1 << (WEIGHT_BITS - 1))

/* Bytes of a row that are summed or put in order at once. */
#define BLOCK 32

/* --- weights -------------------------------------------------------------------- */

void ic_filter_free(struct ic_filter *filter)
{
    free(filter->first);
    free(filter->count);
    free(filter->weight);
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
    return filter->first && filter->count && filter->weight;
}

/* Computes the weights; `scratch` has room for filter->room. Products that are volatile
 * are rounded by themselves, which forbids a multiply-add where the processor has one.
 */
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
    for (size_t start = 0; start < size; start += BLOCK) {
        const size_t count = size - start < BLOCK ? size - start : BLOCK;
        uint8_t tile[LANES][BLOCK];

        for (size_t i = 0; i < count; i++)
            for (int r = 0; r < LANES; r++)
                tile[r][i] = lanes[LANES * (start + i) + r];
        for (int r = 0; r < LANES; r++)
            memcpy(rows[r] + start, tile[r], count);
    }
}

/* Weights are not negative, but as many as 32768 rounded ones may sum to a little more
 * than 1: the greatest value is 256, which becomes 255. */
static inline uint8_t to_byte(int32_t sum)
{
    const int32_t value = sum >> WEIGHT_BITS;

    return (uint8_t)(value - (value >> 8));
}

IC_TARGET_CLONES void ic_filter_rows(uint8_t *restrict out, const uint8_t *restrict in,
                                     int width, const struct ic_filter *filter)
{
    const size_t pixel = 3 * LANES;

    for (int i = 0; i < width; i++) {
        const uint8_t *from = in + pixel * (size_t)filter->first[i];
        const int32_t *weight = filter->weight + (size_t)i * filter->room;
        const int count = filter->count[i];
        int32_t sum[3 * LANES];

        for (size_t l = 0; l < pixel; l++)
            sum[l] = HALF;
        for (int j = 0; j < count; j++)
            for (size_t l = 0; l < pixel; l++)
                sum[l] += weight[j] * from[pixel * j + l];
        for (size_t l = 0; l < pixel; l++)
            out[pixel * i + l] = to_byte(sum[l]);
    }
}

/* Sums `width` columns from `start` on; a constant width makes a faster loop. */
static inline void sum_columns(uint8_t *restrict out, const uint8_t *const *rows,
                               size_t start, size_t width, int count,
                               const int32_t *weight)
{
    int32_t sum[BLOCK];

    for (size_t x = 0; x < width; x++)
        sum[x] = HALF;
    for (int j = 0; j < count; j++)
        for (size_t x = 0; x < width; x++)
            sum[x] += weight[j] * rows[j][start + x];
    for (size_t x = 0; x < width; x++)
        out[start + x] = to_byte(sum[x]);
}

IC_TARGET_CLONES void ic_filter_columns(uint8_t *restrict out,
                                        const uint8_t *const *rows, size_t size, int y,
                                        const struct ic_filter *filter)
{
    const int32_t *weight = filter->weight + (size_t)y * filter->room;
    const int count = filter->count[y];
    size_t start = 0;

    rows += filter->first[y];
    for (; start + BLOCK <= size; start += BLOCK)
        sum_columns(out, rows, start, BLOCK, count, weight);
    sum_columns(out, rows, start, size - start, count, weight);
}
