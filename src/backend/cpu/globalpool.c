/* SPDX-License-Identifier: MIT */
/*
 * Pools over all pixels of a picture: the mean of each channel, and the largest value
 * beside it (the pool of fastai's head). A task is a picture; all loops run along the
 * channels.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cpu/cpu.h"

enum { LANES = 64 }; /* channels at a time */

struct globalpool {
    void *dx;
    const void *x;
    float *y;
    const float *dy;
    int32_t *place;
    const int32_t *won;
    struct ic_globalpool pool;
    bool accumulate;
};

/* --- the mean --------------------------------------------------------------------- */

IC_INLINE void mean_of_lanes(float *y, const void *x, size_t pixels, size_t channels,
                             size_t lanes, enum ic_type type)
{
    double sum[LANES] = {0};

    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < lanes; c++)
            sum[c] += ic_load(x, i * channels + c, type);
    for (size_t c = 0; c < lanes; c++)
        y[c] = (float)(sum[c] / (double)pixels);
}

static IC_TARGET_CLONES void mean_of_picture(const void *args, size_t index, int thread)
{
    const struct globalpool *const a = args;
    const size_t pixels = (size_t)a->pool.pixels, channels = (size_t)a->pool.channels;
    float *const y = a->y + index * channels;

    for (size_t c = 0; c < channels; c += LANES) {
        const size_t lanes = ic_min(LANES, channels - c);
        const void *const x =
            ic_const_element(a->x, index * pixels * channels + c, a->pool.type);

        if (a->pool.type == IC_TYPE_BF16)
            mean_of_lanes(y + c, x, pixels, channels, lanes, IC_TYPE_BF16);
        else
            mean_of_lanes(y + c, x, pixels, channels, lanes, IC_TYPE_FP32);
    }
}

/* dx = dy / pixels, for all pixels of a picture. */
IC_INLINE void spread_mean_of(const struct globalpool *a, size_t index,
                              enum ic_type type)
{
    const size_t pixels = (size_t)a->pool.pixels, channels = (size_t)a->pool.channels;
    const float *const dy = a->dy + index * channels;
    const float share = 1 / (float)a->pool.pixels;

    for (size_t i = 0; i < pixels; i++) {
        void *const at = ic_element(a->dx, (index * pixels + i) * channels, type);

        if (a->accumulate)
            for (size_t c = 0; c < channels; c++)
                ic_store(at, c, ic_load(at, c, type) + dy[c] * share, type);
        else
            for (size_t c = 0; c < channels; c++)
                ic_store(at, c, dy[c] * share, type);
    }
}

static IC_TARGET_CLONES void spread_mean(const void *args, size_t index, int thread)
{
    const struct globalpool *const a = args;

    if (a->pool.type == IC_TYPE_BF16)
        spread_mean_of(a, index, IC_TYPE_BF16);
    else
        spread_mean_of(a, index, IC_TYPE_FP32);
}

void ic_cpu_avgpool_forward(struct ic_device *device, float *y, const void *x,
                            const struct ic_globalpool *pool)
{
    const struct globalpool a = {.y = y, .x = x, .pool = *pool};

    ic_cpu_run(device, (size_t)pool->batch, mean_of_picture, &a);
}

void ic_cpu_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                             const struct ic_globalpool *pool, bool accumulate)
{
    const struct globalpool a = {
        .dx = dx, .dy = dy, .pool = *pool, .accumulate = accumulate};

    ic_cpu_run(device, (size_t)pool->batch, spread_mean, &a);
}

/* --- the largest and the mean ----------------------------------------------------- */

/* Pools `lanes` channels. The first of equals wins, and a NaN wins, so that it is not
 * hidden. */
IC_INLINE void concat_lanes(float *max, float *mean, int32_t *place, const void *x,
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

IC_INLINE void concat_of(const struct globalpool *p, size_t index, enum ic_type type)
{
    const size_t pixels = (size_t)p->pool.pixels, channels = (size_t)p->pool.channels;
    const size_t first = index * pixels * channels;
    float *const max = p->y + index * 2 * channels, *const mean = max + channels;
    int32_t *const place = p->place + index * channels;
    size_t c = 0;

    for (; c + LANES <= channels; c += LANES)
        concat_lanes(max + c, mean + c, place + c,
                     ic_const_element(p->x, first + c, type), pixels, channels, LANES,
                     type);
    if (c < channels)
        concat_lanes(max + c, mean + c, place + c,
                     ic_const_element(p->x, first + c, type), pixels, channels,
                     channels - c, type);
}

static IC_TARGET_CLONES void concat_picture(const void *args, size_t index, int thread)
{
    const struct globalpool *const p = args;

    if (p->pool.type == IC_TYPE_BF16)
        concat_of(p, index, IC_TYPE_BF16);
    else
        concat_of(p, index, IC_TYPE_FP32);
}

void ic_cpu_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                               const void *x, const struct ic_globalpool *pool)
{
    const struct globalpool p = {.y = y, .place = place, .x = x, .pool = *pool};

    ic_cpu_run(device, (size_t)pool->batch, concat_picture, &p);
}

/* dx = dmean / pixels, and dmax where that pixel won. */
IC_INLINE void spread_concat_of(const struct globalpool *p, size_t index,
                                enum ic_type type)
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

static IC_TARGET_CLONES void spread_concat(const void *args, size_t index, int thread)
{
    const struct globalpool *const p = args;

    if (p->pool.type == IC_TYPE_BF16)
        spread_concat_of(p, index, IC_TYPE_BF16);
    else
        spread_concat_of(p, index, IC_TYPE_FP32);
}

void ic_cpu_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                const int32_t *place, const struct ic_globalpool *pool,
                                bool accumulate)
{
    const struct globalpool p = {
        .dx = dx, .dy = dy, .won = place, .pool = *pool, .accumulate = accumulate};

    ic_cpu_run(device, (size_t)pool->batch, spread_concat, &p);
}
