/* SPDX-License-Identifier: MIT */
/*
 * Max pooling. A task is one row of output pixels (forward) or of input pixels
 * (backward); all loops run along the channels.
 *
 * Backward gathers: an input pixel looks at the windows that cover it and takes the
 * gradient of those that it won. So no array is zeroed first, and each sum has one
 * order.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/cpu.h"
#include "backend/pool_windows.h"

enum { LANES = 64 }; /* channels at a time */

/* --- forward ---------------------------------------------------------------------- */

struct maxpool_forward {
    void *y;
    uint8_t *place;
    const void *x;
    struct ic_pool pool;
};

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

/* A NaN wins, so that it is not hidden. */
IC_INLINE void challenge(float *restrict best, uint32_t *restrict winner,
                         const void *restrict x, uint32_t cell, size_t lanes,
                         bool keep_place, enum ic_type type)
{
    for (size_t c = 0; c < lanes; c++) {
        const float value = ic_load(x, c, type);
        const bool wins = (value > best[c]) | (value != value);

        best[c] = wins ? value : best[c];
        if (keep_place)
            winner[c] = wins ? cell : winner[c];
    }
}

/* Pools `lanes` channels of one output pixel; x is the picture at these channels. */
IC_INLINE void pool_window(void *y, uint8_t *place, const void *x,
                           const struct ic_pool *p, int oy, int ox, size_t lanes,
                           bool keep_place, enum ic_type type)
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

            challenge(best, winner,
                      ic_const_element(x, pixel * (size_t)p->channels, type),
                      (uint32_t)(row * p->kernel + column), lanes, keep_place, type);
        }
    }
    for (size_t c = 0; c < lanes; c++)
        ic_store(y, c, best[c], type);
    if (keep_place)
        for (size_t c = 0; c < lanes; c++)
            place[c] = (uint8_t)winner[c];
}

IC_INLINE void pool_row_of(const struct maxpool_forward *m, size_t index,
                           bool keep_place, enum ic_type type)
{
    const struct ic_pool *const p = &m->pool;
    const size_t channels = (size_t)p->channels;
    const size_t picture = (size_t)p->in_height * (size_t)p->in_width * channels;
    const size_t n = index / (size_t)p->out_height;
    const int oy = (int)(index % (size_t)p->out_height);

    for (int ox = 0; ox < p->out_width; ox++) {
        const size_t pixel = index * (size_t)p->out_width + (size_t)ox;
        void *const y = ic_element(m->y, pixel * channels, type);
        uint8_t *const place = keep_place ? m->place + pixel * channels : NULL;
        const void *const x = ic_const_element(m->x, n * picture, type);
        size_t c = 0;

        for (; c + LANES <= channels; c += LANES)
            pool_window(ic_element(y, c, type), keep_place ? place + c : NULL,
                        ic_const_element(x, c, type), p, oy, ox, LANES, keep_place,
                        type);
        if (c < channels)
            pool_window(ic_element(y, c, type), keep_place ? place + c : NULL,
                        ic_const_element(x, c, type), p, oy, ox, channels - c,
                        keep_place, type);
    }
}

/* LCOV_EXCL_BR_STOP */

static IC_TARGET_CLONES void pool_row(const void *args, size_t index, int thread)
{
    const struct maxpool_forward *const m = args;
    const bool keep_place = m->place != NULL;

    if (m->pool.type == IC_TYPE_BF16 && keep_place)
        pool_row_of(m, index, true, IC_TYPE_BF16);
    else if (m->pool.type == IC_TYPE_BF16)
        pool_row_of(m, index, false, IC_TYPE_BF16);
    else if (keep_place)
        pool_row_of(m, index, true, IC_TYPE_FP32);
    else
        pool_row_of(m, index, false, IC_TYPE_FP32);
}

void ic_cpu_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                            const void *x, const struct ic_pool *pool)
{
    const struct maxpool_forward m = {y, place, x, *pool};

    assert(2 * pool->pad <= pool->kernel && pool->kernel <= 15);
    ic_cpu_run(device, (size_t)pool->batch * (size_t)pool->out_height, pool_row, &m);
}

/* --- backward --------------------------------------------------------------------- */

struct maxpool_backward {
    void *dx;
    const void *dy;
    const uint8_t *place;
    struct ic_pool pool;
    bool accumulate;
};

IC_INLINE void take_won(float *restrict sum, const void *restrict dy,
                        const uint8_t *restrict place, uint8_t cell, size_t lanes,
                        enum ic_type type)
{
    for (size_t c = 0; c < lanes; c++)
        sum[c] += place[c] == cell ? ic_load(dy, c, type) : 0;
}

/* Writes `lanes` channels of one input pixel from `channel` on: the gradient of the
 * windows in these rows and columns that the pixel won, rounded once. */
IC_INLINE void unpool_pixel(const struct maxpool_backward *m, size_t n, int iy, int ix,
                            struct ic_range rows, struct ic_range columns,
                            size_t channel, size_t lanes, enum ic_type type)
{
    const struct ic_pool *const p = &m->pool;
    const size_t line = n * (size_t)p->in_height + (size_t)iy;
    void *const dx = ic_element(
        m->dx,
        (line * (size_t)p->in_width + (size_t)ix) * (size_t)p->channels + channel,
        type);
    float sum[LANES];

    for (size_t c = 0; c < lanes; c++)
        sum[c] = m->accumulate ? ic_load(dx, c, type) : 0;
    for (int oy = rows.first; oy < rows.end; oy++) {
        const int row = iy + p->pad - oy * p->stride;
        const size_t out_line = n * (size_t)p->out_height + (size_t)oy;

        for (int ox = columns.first; ox < columns.end; ox++) {
            const int column = ix + p->pad - ox * p->stride;
            const size_t pixel = out_line * (size_t)p->out_width + (size_t)ox;
            const size_t y = pixel * (size_t)p->channels + channel;

            take_won(sum, ic_const_element(m->dy, y, type), m->place + y,
                     (uint8_t)(row * p->kernel + column), lanes, type);
        }
    }
    for (size_t c = 0; c < lanes; c++)
        ic_store(dx, c, sum[c], type);
}

IC_INLINE void unpool_row_of(const struct maxpool_backward *m, size_t index,
                             enum ic_type type)
{
    const struct ic_pool *const p = &m->pool;
    const size_t channels = (size_t)p->channels;
    const size_t n = index / (size_t)p->in_height;
    const int iy = (int)(index % (size_t)p->in_height);
    const struct ic_range rows = ic_pool_over(p, iy, p->out_height);

    for (int ix = 0; ix < p->in_width; ix++) {
        const struct ic_range columns = ic_pool_over(p, ix, p->out_width);
        size_t c = 0;

        for (; c + LANES <= channels; c += LANES)
            unpool_pixel(m, n, iy, ix, rows, columns, c, LANES, type);
        if (c < channels)
            unpool_pixel(m, n, iy, ix, rows, columns, c, channels - c, type);
    }
}

static IC_TARGET_CLONES void unpool_row(const void *args, size_t index, int thread)
{
    const struct maxpool_backward *const m = args;

    if (m->pool.type == IC_TYPE_BF16)
        unpool_row_of(m, index, IC_TYPE_BF16);
    else
        unpool_row_of(m, index, IC_TYPE_FP32);
}

void ic_cpu_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                             const uint8_t *place, const struct ic_pool *pool,
                             bool accumulate)
{
    const struct maxpool_backward m = {dx, dy, place, *pool, accumulate};

    ic_cpu_run(device, (size_t)pool->batch * (size_t)pool->in_height, unpool_row, &m);
}
