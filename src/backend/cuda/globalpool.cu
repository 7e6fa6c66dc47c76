/*
 * Pools over all pixels of a picture: the mean, and the maximum beside it. Forward, a
 * thread is a channel of a picture; backward, an element of the gradient.
 */
#include <math.h>

#include "backend/cuda/cuda.h"

struct globalpool {
    float *out;
    int32_t *place;
    const float *in;
    const int32_t *won;
    size_t pixels, channels;
    bool accumulate;
};

IC_EVERYWHERE void spread(const struct globalpool *p, size_t i, float gradient)
{
    p->out[i] = p->accumulate ? p->out[i] + gradient : gradient;
}

/* --- the mean --------------------------------------------------------------------- */

IC_EVERYWHERE void mean_of_channel(const struct globalpool *p, size_t i)
{
    const float *const x =
        p->in + i / p->channels * p->pixels * p->channels + i % p->channels;
    double sum = 0;

    for (size_t k = 0; k < p->pixels; k++)
        sum += x[k * p->channels];
    p->out[i] = (float)(sum / (double)p->pixels);
}

IC_KERNEL(mean_of_channel, struct globalpool)

void ic_cuda_avgpool_forward(struct ic_device *device, float *y, const void *x,
                             const struct ic_globalpool *pool)
{
    const struct globalpool p = {.out = (float *)y,
                                 .in = (const float *)x,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels};

    mean_of_channel_each(device, (size_t)pool->batch * p.channels, &p);
}

IC_EVERYWHERE void spread_mean(const struct globalpool *p, size_t i)
{
    const size_t n = i / (p->pixels * p->channels);

    spread(p, i, p->in[n * p->channels + i % p->channels] * (1 / (float)p->pixels));
}

IC_KERNEL(spread_mean, struct globalpool)

void ic_cuda_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                              const struct ic_globalpool *pool, bool accumulate)
{
    const struct globalpool p = {.out = (float *)dx,
                                 .in = (const float *)dy,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels,
                                 .accumulate = accumulate};

    spread_mean_each(device, (size_t)pool->batch * p.pixels * p.channels, &p);
}

/* --- the maximum and the mean ----------------------------------------------------- */

/* The first of equals wins, and what is not a number wins, so that it is not hidden. */
IC_EVERYWHERE void pool_channel(const struct globalpool *p, size_t i)
{
    const size_t n = i / p->channels, c = i % p->channels;
    const float *const x = p->in + n * p->pixels * p->channels + c;
    float *const y = p->out + n * 2 * p->channels + c;
    float best = -INFINITY;
    int32_t winner = 0;
    double sum = 0;

    for (size_t k = 0; k < p->pixels; k++) {
        const float value = x[k * p->channels];

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

IC_KERNEL(pool_channel, struct globalpool)

void ic_cuda_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                                const void *x, const struct ic_globalpool *pool)
{
    const struct globalpool p = {.out = (float *)y,
                                 .place = place,
                                 .in = (const float *)x,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels};

    pool_channel_each(device, (size_t)pool->batch * p.channels, &p);
}

/* dx = dmean / pixels, and dmax where that pixel won. */
IC_EVERYWHERE void spread_both(const struct globalpool *p, size_t i)
{
    const size_t n = i / (p->pixels * p->channels), c = i % p->channels;
    const int32_t pixel = (int32_t)(i / p->channels % p->pixels);
    const float *const dmax = p->in + n * 2 * p->channels + c;
    const float mean = dmax[p->channels] * (1 / (float)p->pixels);
    const bool won = p->won[n * p->channels + c] == pixel;

    spread(p, i, mean + (won ? dmax[0] : 0));
}

IC_KERNEL(spread_both, struct globalpool)

void ic_cuda_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                 const int32_t *place, const struct ic_globalpool *pool,
                                 bool accumulate)
{
    const struct globalpool p = {.out = (float *)dx,
                                 .in = (const float *)dy,
                                 .won = place,
                                 .pixels = (size_t)pool->pixels,
                                 .channels = (size_t)pool->channels,
                                 .accumulate = accumulate};

    spread_both_each(device, (size_t)pool->batch * p.pixels * p.channels, &p);
}
