/*
 * The largest and the mean value of each channel over all pixels, side by side: the
 * pool of fastai's head. A task is a picture; everything runs along the channels.
 */
#include <math.h>
#include <string.h>

#include "backend/cpu/cpu.h"

enum { LANES = 64 }; /* channels at a time */

struct concatpool {
    float *out;
    int32_t *place;
    const float *in;
    const int32_t *won;
    size_t pixels, channels;
    bool accumulate;
};

/* Of `lanes` channels. The first of equals wins, and what is not a number wins, so that
 * it is not hidden. */
IC_INLINE void pool_lanes(float *max, float *mean, int32_t *place, const float *x,
                          size_t pixels, size_t channels, size_t lanes)
{
    float best[LANES];
    int32_t winner[LANES];
    double sum[LANES];

    for (size_t c = 0; c < lanes; c++) {
        best[c] = -INFINITY;
        winner[c] = 0;
        sum[c] = 0;
    }
    for (size_t i = 0; i < pixels; i++, x += channels)
        for (size_t c = 0; c < lanes; c++) {
            const bool wins = (x[c] > best[c]) | (x[c] != x[c]);

            best[c] = wins ? x[c] : best[c];
            winner[c] = wins ? (int32_t)i : winner[c];
            sum[c] += x[c];
        }
    for (size_t c = 0; c < lanes; c++) {
        max[c] = best[c];
        place[c] = winner[c];
        mean[c] = (float)(sum[c] / (double)pixels);
    }
}

static IC_TARGET_CLONES void pool_picture(const void *args, size_t index, int thread)
{
    const struct concatpool *const p = args;
    const size_t channels = p->channels;
    const float *const x = p->in + index * p->pixels * channels;
    float *const max = p->out + index * 2 * channels, *const mean = max + channels;
    int32_t *const place = p->place + index * channels;
    size_t c = 0;

    for (; c + LANES <= channels; c += LANES)
        pool_lanes(max + c, mean + c, place + c, x + c, p->pixels, channels, LANES);
    if (c < channels)
        pool_lanes(max + c, mean + c, place + c, x + c, p->pixels, channels,
                   channels - c);
}

void ic_cpu_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                               const void *x, const struct ic_globalpool *pool)
{
    const struct concatpool p = {.out = y,
                                 .place = place,
                                 .in = x,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels};

    ic_cpu_run(device, (size_t)pool->batch, pool_picture, &p);
}

/* dx = dmean / pixels, and dmax where that pixel won. */
static IC_TARGET_CLONES void spread_picture(const void *args, size_t index, int thread)
{
    const struct concatpool *const p = args;
    const size_t channels = p->channels;
    const float *const dmax = p->in + index * 2 * channels;
    const float *const dmean = dmax + channels;
    const int32_t *const won = p->won + index * channels;
    const float share = 1 / (float)p->pixels;
    float *restrict dx = p->out + index * p->pixels * channels;

    if (!p->accumulate)
        memset(dx, 0, p->pixels * channels * sizeof *dx);
    for (size_t i = 0; i < p->pixels; i++, dx += channels)
        for (size_t c = 0; c < channels; c++)
            dx[c] += dmean[c] * share + (won[c] == (int32_t)i ? dmax[c] : 0);
}

void ic_cpu_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                const int32_t *place, const struct ic_globalpool *pool,
                                bool accumulate)
{
    const struct concatpool p = {.out = dx,
                                 .in = dy,
                                 .won = place,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels,
                                 .accumulate = accumulate};

    ic_cpu_run(device, (size_t)pool->batch, spread_picture, &p);
}
