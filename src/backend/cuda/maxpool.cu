/* SPDX-License-Identifier: MIT */
/*
 * Max pooling. One thread per channel of an output pixel (forward) or of an input pixel
 * (backward). Backward, it looks at the windows that cover its pixel and takes the
 * gradient of those that the pixel won. So no two threads add to the same element.
 */
#include <assert.h>
#include <math.h>

#include "backend/bf16.h"
#include "backend/cuda/cuda.h"
#include "backend/pool_windows.h"

struct maxpool {
    void *out;
    uint8_t *place;
    const void *in;
    const uint8_t *won;
    struct ic_pool pool;
    bool accumulate;
};

/* Element i of an NHWC array. */
struct element {
    size_t n;
    int y, x;
    size_t c;
};

IC_EVERYWHERE struct element element_of(size_t i, int height, int width, int channels)
{
    const size_t pixel = i / (size_t)channels;
    const struct element e = {pixel / ((size_t)height * (size_t)width),
                              (int)(pixel / (size_t)width % (size_t)height),
                              (int)(pixel % (size_t)width), i % (size_t)channels};

    return e;
}

IC_EVERYWHERE size_t index_of(struct element e, int y, int x, int height, int width,
                              int channels)
{
    const size_t line = e.n * (size_t)height + (size_t)y;

    return (line * (size_t)width + (size_t)x) * (size_t)channels + e.c;
}

/* The first of equals wins, and a NaN wins, so that it is not hidden. */
IC_EVERYWHERE void pool_window(const struct maxpool *m, size_t i)
{
    const struct ic_pool *const p = &m->pool;
    const struct element e = element_of(i, p->out_height, p->out_width, p->channels);
    const struct ic_range rows = ic_pool_cells(p, e.y, p->in_height);
    const struct ic_range columns = ic_pool_cells(p, e.x, p->in_width);
    float best = -INFINITY;
    int winner = rows.first * p->kernel + columns.first;

    for (int row = rows.first; row < rows.end; row++)
        for (int column = columns.first; column < columns.end; column++) {
            const size_t at = index_of(e, e.y * p->stride - p->pad + row,
                                       e.x * p->stride - p->pad + column, p->in_height,
                                       p->in_width, p->channels);
            const float x = ic_load(m->in, at, p->type);

            if (x > best || x != x) {
                best = x;
                winner = row * p->kernel + column;
            }
        }
    ic_store(m->out, i, best, p->type);
    if (m->place != NULL)
        m->place[i] = (uint8_t)winner;
}

IC_KERNEL(pool_window, struct maxpool)

void ic_cuda_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                             const void *x, const struct ic_pool *pool)
{
    const struct maxpool m = {.out = y, .place = place, .in = x, .pool = *pool};

    assert(2 * pool->pad <= pool->kernel && pool->kernel <= 15);
    pool_window_each(device,
                     (size_t)pool->batch * (size_t)pool->out_height *
                         (size_t)pool->out_width * (size_t)pool->channels,
                     &m);
}

IC_EVERYWHERE void unpool_element(const struct maxpool *m, size_t i)
{
    const struct ic_pool *const p = &m->pool;
    const struct element e = element_of(i, p->in_height, p->in_width, p->channels);
    const struct ic_range rows = ic_pool_over(p, e.y, p->out_height);
    const struct ic_range columns = ic_pool_over(p, e.x, p->out_width);
    float sum = m->accumulate ? ic_load(m->out, i, p->type) : 0;

    for (int oy = rows.first; oy < rows.end; oy++)
        for (int ox = columns.first; ox < columns.end; ox++) {
            const int row = e.y + p->pad - oy * p->stride;
            const int column = e.x + p->pad - ox * p->stride;
            const size_t at =
                index_of(e, oy, ox, p->out_height, p->out_width, p->channels);

            if (m->won[at] == row * p->kernel + column)
                sum += ic_load(m->in, at, p->type);
        }
    ic_store(m->out, i, sum, p->type);
}

IC_KERNEL(unpool_element, struct maxpool)

void ic_cuda_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                              const uint8_t *place, const struct ic_pool *pool,
                              bool accumulate)
{
    const struct maxpool m = {
        .out = dx, .in = dy, .won = place, .pool = *pool, .accumulate = accumulate};

    unpool_element_each(device,
                        (size_t)pool->batch * (size_t)pool->in_height *
                            (size_t)pool->in_width * (size_t)pool->channels,
                        &m);
}
