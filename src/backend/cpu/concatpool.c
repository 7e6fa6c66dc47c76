/*
 * The largest and the mean value of each channel over all pixels, side by side: the
 * pool of fastai's head. A task is a picture; everything runs along the channels.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cpu/cpu.h"

enum { LANES = 64 }; /* channels at a time */

struct concatpool {
    void *dx;
    const void *x;
    float *y;
    const float *dy;
    int32_t *place;
    const int32_t *won;
    struct ic_globalpool pool;
    bool accumulate;
};

/* Of `lanes` channels. The first of equals wins, and what is not a number wins, so that
 * it is not hidden. */
IC_INLINE void pool_lanes(float *max, float *mean, int32_t *place, const void *x,
                          size_t pixels, size_t channels, size_t lanes,
                          enum ic_type type)
{
    float best[LANES];
    int32_t winner[LANES];
    double sum[LANES];

    for (size_t c = 0; c < lanes; c++) {
        best[c] = -INFINITY;
        winner[c] = 0;
        sum[c] = 0;
    }
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < lanes; c++) {
            const float value = ic_load(x, i * channels + c, type);
            const bool wins = (value > best[c]) | (value != value);

            best[c] = wins ? value : best[c];
            winner[c] = wins ? (int32_t)i : winner[c];
            sum[c] += value;
        }
    for (size_t c = 0; c < lanes; c++) {
        max[c] = best[c];
        place[c] = winner[c];
        mean[c] = (float)(sum[c] / (double)pixels);
    }
}

IC_INLINE void pool_of(const struct concatpool *p, size_t index, enum ic_type type)
{
    const size_t pixels = (size_t)p->pool.pixels, channels = (size_t)p->pool.channels;
    const size_t first = index * pixels * channels;
    float *const max = p->y + index * 2 * channels, *const mean = max + channels;
    int32_t *const place = p->place + index * channels;
    size_t c = 0;

    for (; c + LANES <= channels; c += LANES)
        pool_lanes(max + c, mean + c, place + c,
                   ic_const_element(p->x, first + c, type), pixels, channels, LANES,
                   type);
    if (c < channels)
        pool_lanes(max + c, mean + c, place + c,
                   ic_const_element(p->x, first + c, type), pixels, channels,
                   channels - c, type);
}

static IC_TARGET_CLONES void pool_picture(const void *args, size_t index, int thread)
{
    const struct concatpool *const p = args;

    if (p->pool.type == IC_TYPE_BF16)
        pool_of(p, index, IC_TYPE_BF16);
    else
        pool_of(p, index, IC_TYPE_FP32);
}

void ic_cpu_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                               const void *x, const struct ic_globalpool *pool)
{
    const struct concatpool p = {.y = y, .place = place, .x = x, .pool = *pool};

    ic_cpu_run(device, (size_t)pool->batch, pool_picture, &p);
}

/* dx = dmean / pixels, and dmax where that pixel won. */
IC_INLINE void spread_of(const struct concatpool *p, size_t index, enum ic_type type)
{
    const size_t pixels = (size_t)p->pool.pixels, channels = (size_t)p->pool.channels;
    const float *const dmax = p->dy + index * 2 * channels;
    const float *const dmean = dmax + channels;
    const int32_t *const won = p->won + index * channels;
    const float share = 1 / (float)p->pool.pixels;

    for (size_t i = 0; i < pixels; i++) {
        void *const dx = ic_element(p->dx, (index * pixels + i) * channels, type);

        for (size_t c = 0; c < channels; c++) {
            const float before = p->accumulate ? ic_load(dx, c, type) : 0;

            ic_store(dx, c,
                     before + (dmean[c] * share + (won[c] == (int32_t)i ? dmax[c] : 0)),
                     type);
        }
    }
}

static IC_TARGET_CLONES void spread_picture(const void *args, size_t index, int thread)
{
    const struct concatpool *const p = args;

    if (p->pool.type == IC_TYPE_BF16)
        spread_of(p, index, IC_TYPE_BF16);
    else
        spread_of(p, index, IC_TYPE_FP32);
}

void ic_cpu_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                const int32_t *place, const struct ic_globalpool *pool,
                                bool accumulate)
{
    const struct concatpool p = {
        .dx = dx, .dy = dy, .won = place, .pool = *pool, .accumulate = accumulate};

    ic_cpu_run(device, (size_t)pool->batch, spread_picture, &p);
}
