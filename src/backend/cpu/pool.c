/*
 * Max pooling and the global mean. A task of max pooling is one row of output pixels
 * (forward) or of input pixels (backward); everything runs along the channels.
 *
 * Backward gathers: an input pixel looks at the windows that cover it and takes the
 * gradient of those that it won. So nothing is zeroed first, and each sum has one
 * order.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/pool_windows.h"

enum { LANES = 64 }; /* channels at a time */

/* --- max pooling, forward --------------------------------------------------------- */

struct maxpool_forward {
    float *y;
    uint8_t *place;
    const float *x;
    struct ic_pool pool;
};

/* A value that is not a number wins, so that it is not hidden. */
IC_INLINE void challenge(float *restrict best, uint32_t *restrict winner,
                         const float *restrict x, uint32_t cell, size_t lanes)
{
    for (size_t c = 0; c < lanes; c++) {
        const bool wins = (x[c] > best[c]) | (x[c] != x[c]);

        best[c] = wins ? x[c] : best[c];
        winner[c] = wins ? cell : winner[c];
    }
}

/* `lanes` channels of one output pixel; x is the picture's at those channels. */
IC_INLINE void pool_window(float *y, uint8_t *place, const float *x,
                           const struct ic_pool *p, int oy, int ox, size_t lanes)
{
    const struct ic_range rows = ic_pool_cells(p, oy, p->in_height);
    const struct ic_range columns = ic_pool_cells(p, ox, p->in_width);
    const uint32_t first = (uint32_t)(rows.first * p->kernel + columns.first);
    float best[LANES];
    uint32_t winner[LANES];

    for (size_t c = 0; c < lanes; c++)
        best[c] = -INFINITY;
    for (size_t c = 0; c < lanes; c++)
        winner[c] = first;
    for (int row = rows.first; row < rows.end; row++) {
        const size_t iy = (size_t)(oy * p->stride - p->pad + row);

        for (int column = columns.first; column < columns.end; column++) {
            const size_t ix = (size_t)(ox * p->stride - p->pad + column);
            const size_t pixel = iy * (size_t)p->in_width + ix;

            challenge(best, winner, x + pixel * (size_t)p->channels,
                      (uint32_t)(row * p->kernel + column), lanes);
        }
    }
    for (size_t c = 0; c < lanes; c++)
        y[c] = best[c];
    for (size_t c = 0; c < lanes; c++)
        place[c] = (uint8_t)winner[c];
}

static IC_TARGET_CLONES void pool_row(const void *args, size_t index, int thread)
{
    const struct maxpool_forward *const m = args;
    const struct ic_pool *const p = &m->pool;
    const size_t channels = (size_t)p->channels;
    const size_t picture = (size_t)p->in_height * (size_t)p->in_width * channels;
    const size_t n = index / (size_t)p->out_height;
    const int oy = (int)(index % (size_t)p->out_height);

    for (int ox = 0; ox < p->out_width; ox++) {
        const size_t pixel = index * (size_t)p->out_width + (size_t)ox;
        size_t c = 0;

        for (; c + LANES <= channels; c += LANES)
            pool_window(m->y + pixel * channels + c, m->place + pixel * channels + c,
                        m->x + n * picture + c, p, oy, ox, LANES);
        if (c < channels)
            pool_window(m->y + pixel * channels + c, m->place + pixel * channels + c,
                        m->x + n * picture + c, p, oy, ox, channels - c);
    }
}

void ic_cpu_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                            const void *x, const struct ic_pool *pool)
{
    const struct maxpool_forward m = {y, place, x, *pool};

    assert(2 * pool->pad <= pool->kernel && pool->kernel <= 15);
    ic_cpu_run(device, (size_t)pool->batch * (size_t)pool->out_height, pool_row, &m);
}

/* --- max pooling, backward -------------------------------------------------------- */

struct maxpool_backward {
    float *dx;
    const float *dy;
    const uint8_t *place;
    struct ic_pool pool;
    bool accumulate;
};

IC_INLINE void take_won(float *restrict dx, const float *restrict dy,
                        const uint8_t *restrict place, uint8_t cell, size_t channels)
{
    for (size_t c = 0; c < channels; c++)
        dx[c] += place[c] == cell ? dy[c] : 0;
}

static IC_TARGET_CLONES void unpool_row(const void *args, size_t index, int thread)
{
    const struct maxpool_backward *const m = args;
    const struct ic_pool *const p = &m->pool;
    const size_t channels = (size_t)p->channels;
    const size_t n = index / (size_t)p->in_height;
    const int iy = (int)(index % (size_t)p->in_height);
    const struct ic_range rows = ic_pool_over(p, iy, p->out_height);

    for (int ix = 0; ix < p->in_width; ix++) {
        const struct ic_range columns = ic_pool_over(p, ix, p->out_width);
        float *const dx = m->dx + (index * (size_t)p->in_width + (size_t)ix) * channels;

        if (!m->accumulate)
            memset(dx, 0, channels * sizeof(float));
        for (int oy = rows.first; oy < rows.end; oy++) {
            const int row = iy + p->pad - oy * p->stride;
            const size_t line = n * (size_t)p->out_height + (size_t)oy;

            for (int ox = columns.first; ox < columns.end; ox++) {
                const int column = ix + p->pad - ox * p->stride;
                const size_t y = (line * (size_t)p->out_width + (size_t)ox) * channels;

                take_won(dx, m->dy + y, m->place + y,
                         (uint8_t)(row * p->kernel + column), channels);
            }
        }
    }
}

void ic_cpu_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                             const uint8_t *place, const struct ic_pool *pool,
                             bool accumulate)
{
    const struct maxpool_backward m = {dx, dy, place, *pool, accumulate};

    ic_cpu_run(device, (size_t)pool->batch * (size_t)pool->in_height, unpool_row, &m);
}

/* --- the mean over all pixels: a task is a picture -------------------------------- */

struct avgpool {
    float *out;
    const float *in;
    size_t pixels, channels;
    bool accumulate;
};

static IC_TARGET_CLONES void mean_of_picture(const void *args, size_t index, int thread)
{
    const struct avgpool *const a = args;
    const float *const x = a->in + index * a->pixels * a->channels;
    float *const y = a->out + index * a->channels;

    for (size_t first = 0; first < a->channels; first += LANES) {
        const size_t lanes = ic_cpu_min(LANES, a->channels - first);
        double sum[LANES] = {0};

        for (size_t i = 0; i < a->pixels; i++)
            for (size_t c = 0; c < lanes; c++)
                sum[c] += x[i * a->channels + first + c];
        for (size_t c = 0; c < lanes; c++)
            y[first + c] = (float)(sum[c] / (double)a->pixels);
    }
}

static IC_TARGET_CLONES void spread_mean(const void *args, size_t index, int thread)
{
    const struct avgpool *const a = args;
    const float *const dy = a->in + index * a->channels;
    float *const dx = a->out + index * a->pixels * a->channels;
    const float share = 1 / (float)a->pixels;

    for (size_t i = 0; i < a->pixels; i++) {
        float *restrict const at = dx + i * a->channels;

        if (a->accumulate)
            for (size_t c = 0; c < a->channels; c++)
                at[c] += dy[c] * share;
        else
            for (size_t c = 0; c < a->channels; c++)
                at[c] = dy[c] * share;
    }
}

void ic_cpu_avgpool_forward(struct ic_device *device, float *y, const void *x,
                            const struct ic_globalpool *pool)
{
    const struct avgpool a = {y, x, (size_t)pool->pixels, (size_t)pool->channels,
                              false};

    ic_cpu_run(device, (size_t)pool->batch, mean_of_picture, &a);
}

void ic_cpu_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                             const struct ic_globalpool *pool, bool accumulate)
{
    const struct avgpool a = {dx, dy, (size_t)pool->pixels, (size_t)pool->channels,
                              accumulate};

    ic_cpu_run(device, (size_t)pool->batch, spread_mean, &a);
}
