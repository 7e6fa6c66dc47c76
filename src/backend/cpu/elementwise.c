/*
 * Fill, the normalisation of pictures, plain and mixed, the sum of squares, the sum of
 * two arrays, the moving average.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/cpu.h"

/* --- fill ------------------------------------------------------------------------- */

enum { FILL_PART = 1 << 16 };

struct fill {
    float *x;
    float value;
    size_t count;
};

static IC_TARGET_CLONES void fill_part(const void *args, size_t index, int thread)
{
    const struct fill *const fill = args;
    const size_t first = index * FILL_PART;
    const size_t count = ic_cpu_min(FILL_PART, fill->count - first);

    for (size_t i = 0; i < count; i++)
        fill->x[first + i] = fill->value;
}

void ic_cpu_fill(struct ic_device *device, float *x, float value, size_t count)
{
    const struct fill fill = {x, value, count};

    ic_cpu_run(device, ic_cpu_parts(count, FILL_PART), fill_part, &fill);
}

/* --- normalize -------------------------------------------------------------------- */

enum { NORMALIZE_PART = 1 << 14 };

struct normalize {
    void *x;
    enum ic_type type;
    const uint8_t *rgb, *other; /* the last two: of a mixed batch */
    const float *share;
    size_t pixels;       /* of all pictures; of one where they are mixed */
    float value[3][256]; /* of each byte, per channel */
};

static void fill_values(struct normalize *n, const float mean[3], const float std[3])
{
    for (int c = 0; c < 3; c++)
        for (int byte = 0; byte < 256; byte++)
            n->value[c][byte] = ((float)byte / 255.0f - mean[c]) / std[c];
}

static void normalize_part(const void *args, size_t index, int thread)
{
    const struct normalize *const n = args;
    const size_t first = index * NORMALIZE_PART;
    const size_t end = first + ic_cpu_min(NORMALIZE_PART, n->pixels - first);

    for (size_t i = first; i < end; i++)
        for (size_t c = 0; c < 3; c++)
            ic_store(n->x, 3 * i + c, n->value[c][n->rgb[3 * i + c]], n->type);
}

void ic_cpu_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                      const float mean[3], const float std[3], size_t pixels,
                      enum ic_type type)
{
    struct normalize n = {.x = x, .type = type, .rgb = rgb, .pixels = pixels};

    fill_values(&n, mean, std);
    ic_cpu_run(device, ic_cpu_parts(pixels, NORMALIZE_PART), normalize_part, &n);
}

static void mix_picture(const void *args, size_t index, int thread)
{
    const struct normalize *const n = args;
    const size_t first = index * n->pixels;
    const float share = n->share[index];

    for (size_t i = first; i < first + n->pixels; i++)
        for (size_t c = 0; c < 3; c++) {
            const float own = n->value[c][n->rgb[3 * i + c]];
            const float other = n->value[c][n->other[3 * i + c]];

            ic_store(n->x, 3 * i + c, share * own + (1 - share) * other, n->type);
        }
}

void ic_cpu_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                            const uint8_t *other, const float *share,
                            const float mean[3], const float std[3], int batch,
                            size_t pixels, enum ic_type type)
{
    struct normalize n = {.x = x,
                          .type = type,
                          .rgb = rgb,
                          .other = other,
                          .share = share,
                          .pixels = pixels};

    fill_values(&n, mean, std);
    ic_cpu_run(device, (size_t)batch, mix_picture, &n);
}

/* --- sum of squares --------------------------------------------------------------- */

enum { SUM_PARTS = 256, SUM_LEAST = 1 << 12, SUM_LANES = 16 };

struct sum_squares {
    const float *x;
    size_t count, size; /* elements, and elements of a part */
    double *parts;
};

/* Sixteen sums side by side, so that the loop runs in vectors in a stated order. */
static IC_TARGET_CLONES void sum_part(const void *args, size_t index, int thread)
{
    const struct sum_squares *const sum = args;
    const size_t first = index * sum->size;
    const size_t count = ic_cpu_min(sum->size, sum->count - first);
    const float *const x = sum->x + first;
    double lanes[SUM_LANES] = {0}, total = 0;
    size_t i = 0;

    for (; i + SUM_LANES <= count; i += SUM_LANES)
        for (size_t j = 0; j < SUM_LANES; j++)
            lanes[j] += (double)x[i + j] * x[i + j];
    for (; i < count; i++)
        lanes[i % SUM_LANES] += (double)x[i] * x[i];
    for (size_t j = 0; j < SUM_LANES; j++)
        total += lanes[j];
    sum->parts[index] = total;
}

double ic_cpu_sum_squares(struct ic_device *device, const float *x, size_t count)
{
    double parts[SUM_PARTS], total = 0;
    struct sum_squares sum = {.x = x, .count = count, .parts = parts};
    size_t used;

    sum.size = ic_cpu_parts(count, SUM_PARTS);
    if (sum.size < SUM_LEAST)
        sum.size = SUM_LEAST;
    used = ic_cpu_parts(count, sum.size);
    ic_cpu_run(device, used, sum_part, &sum);
    for (size_t i = 0; i < used; i++)
        total += parts[i];
    return total;
}

/* --- sum -------------------------------------------------------------------------- */

enum { ADD_PART = 1 << 14 };

struct addition {
    float *sum;
    const float *x;
    size_t count;
};

static IC_TARGET_CLONES void add_part(const void *args, size_t index, int thread)
{
    const struct addition *const a = args;
    const size_t first = index * ADD_PART;
    const size_t count = ic_cpu_min(ADD_PART, a->count - first);
    float *restrict const sum = a->sum + first;
    const float *restrict const x = a->x + first;

    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

void ic_cpu_add(struct ic_device *device, float *sum, const float *x, size_t count)
{
    const struct addition addition = {sum, x, count};

    ic_cpu_run(device, ic_cpu_parts(count, ADD_PART), add_part, &addition);
}

/* --- moving average --------------------------------------------------------------- */

enum { AVERAGE_PART = 1 << 14 };

struct average {
    float *mean;
    const float *x;
    float share;
    size_t count;
};

static IC_TARGET_CLONES void average_part(const void *args, size_t index, int thread)
{
    const struct average *const a = args;
    const size_t first = index * AVERAGE_PART;
    const size_t count = ic_cpu_min(AVERAGE_PART, a->count - first);
    float *restrict const mean = a->mean + first;
    const float *restrict const x = a->x + first;

    for (size_t i = 0; i < count; i++)
        mean[i] += a->share * (x[i] - mean[i]);
}

void ic_cpu_average(struct ic_device *device, float *mean, const float *x, float share,
                    size_t count)
{
    const struct average average = {mean, x, share, count};

    ic_cpu_run(device, ic_cpu_parts(count, AVERAGE_PART), average_part, &average);
}
