/* SPDX-License-Identifier: MIT */
/*
 * Pools over all pixels of a picture: the mean, and the maximum beside it. Forward
 * takes one thread per channel of a picture; backward, one per element of the gradient.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cuda/cuda.h"

struct pool {
    float *y;
    int32_t *place;
    const void *x;
    size_t pixels, channels;
    enum ic_type type;
};

struct unpool {
    void *dx;
    const float *dy;
    const int32_t *place;
    size_t pixels, channels;
    enum ic_type type;
    bool accumulate;
};

static struct pool forward_of(const struct ic_globalpool *g, float *y, int32_t *place,
                              const void *x)
{
    const struct pool p = {y,      place, x, (size_t)g->pixels, (size_t)g->channels,
                           g->type};

    return p;
}

static struct unpool backward_of(const struct ic_globalpool *g, void *dx,
                                 const float *dy, const int32_t *place, bool accumulate)
{
    const struct unpool p = {
        dx, dy, place, (size_t)g->pixels, (size_t)g->channels, g->type, accumulate};

    return p;
}

IC_EVERYWHERE void spread(const struct unpool *p, size_t i, float gradient)
{
    const float before = p->accumulate ? ic_load(p->dx, i, p->type) : 0;

    ic_store(p->dx, i, p->accumulate ? before + gradient : gradient, p->type);
}

/* --- the mean --------------------------------------------------------------------- */

IC_EVERYWHERE void mean_of_channel(const struct pool *p, size_t i)
{
    const size_t first = i / p->channels * p->pixels * p->channels + i % p->channels;
    double sum = 0;

    for (size_t k = 0; k < p->pixels; k++)
        sum += ic_load(p->x, first + k * p->channels, p->type);
    p->y[i] = (float)(sum / (double)p->pixels);
}

IC_KERNEL(mean_of_channel, struct pool)

void ic_cuda_avgpool_forward(struct ic_device *device, float *y, const void *x,
                             const struct ic_globalpool *pool)
{
    const struct pool p = forward_of(pool, y, NULL, x);

    mean_of_channel_each(device, (size_t)pool->batch * p.channels, &p);
}

IC_EVERYWHERE void spread_mean(const struct unpool *p, size_t i)
{
    const size_t n = i / (p->pixels * p->channels);

    spread(p, i, p->dy[n * p->channels + i % p->channels] * (1 / (float)p->pixels));
}

IC_KERNEL(spread_mean, struct unpool)

void ic_cuda_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                              const struct ic_globalpool *pool, bool accumulate)
{
    const struct unpool p = backward_of(pool, dx, dy, NULL, accumulate);

    spread_mean_each(device, (size_t)pool->batch * p.pixels * p.channels, &p);
}

/* --- the maximum and the mean ----------------------------------------------------- */

/* The first of equals wins, and a NaN wins, so that it is not hidden. */
IC_EVERYWHERE void pool_channel(const struct pool *p, size_t i)
{
    const size_t n = i / p->channels, c = i % p->channels;
    const size_t first = n * p->pixels * p->channels + c;
    float *const y = p->y + n * 2 * p->channels + c;
    float best = -INFINITY;
    int32_t winner = 0;
    double sum = 0;

    for (size_t k = 0; k < p->pixels; k++) {
        const float value = ic_load(p->x, first + k * p->channels, p->type);

        if (value > best || value != value) {
            best = value;
            winner = (int32_t)k;
        }
        sum += value;
    }
    y[0] = best;
    y[p->channels] = (float)(sum / (double)p->pixels);
    p->place[i] = winner;
}

IC_KERNEL(pool_channel, struct pool)

void ic_cuda_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                                const void *x, const struct ic_globalpool *pool)
{
    const struct pool p = forward_of(pool, y, place, x);

    pool_channel_each(device, (size_t)pool->batch * p.channels, &p);
}

/* dx = dmean / pixels, and dmax where that pixel won. */
IC_EVERYWHERE void spread_both(const struct unpool *p, size_t i)
{
    const size_t n = i / (p->pixels * p->channels), c = i % p->channels;
    const int32_t pixel = (int32_t)(i / p->channels % p->pixels);
    const float *const dmax = p->dy + n * 2 * p->channels + c;
    const float mean = dmax[p->channels] * (1 / (float)p->pixels);
    const bool won = p->place[n * p->channels + c] == pixel;

    spread(p, i, mean + (won ? dmax[0] : 0));
}

IC_KERNEL(spread_both, struct unpool)

void ic_cuda_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                 const int32_t *place, const struct ic_globalpool *pool,
                                 bool accumulate)
{
    const struct unpool p = backward_of(pool, dx, dy, place, accumulate);

    spread_both_each(device, (size_t)pool->batch * p.pixels * p.channels, &p);
}
