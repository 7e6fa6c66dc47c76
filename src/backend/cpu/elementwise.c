/* SPDX-License-Identifier: MIT */
/*
 * Kernels that take each element on its own: fill, the sum of two arrays, the moving
 * average, ReLU.
 */
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
    const size_t count = ic_min(FILL_PART, fill->count - first);

    for (size_t i = 0; i < count; i++)
        fill->x[first + i] = fill->value;
}

void ic_cpu_fill(struct ic_device *device, float *x, float value, size_t count)
{
    const struct fill fill = {x, value, count};

    ic_cpu_run(device, ic_parts(count, FILL_PART), fill_part, &fill);
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
    const size_t count = ic_min(ADD_PART, a->count - first);
    float *restrict const sum = a->sum + first;
    const float *restrict const x = a->x + first;

    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

void ic_cpu_add(struct ic_device *device, float *sum, const float *x, size_t count)
{
    const struct addition addition = {sum, x, count};

    ic_cpu_run(device, ic_parts(count, ADD_PART), add_part, &addition);
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
    const size_t count = ic_min(AVERAGE_PART, a->count - first);
    float *restrict const mean = a->mean + first;
    const float *restrict const x = a->x + first;

    for (size_t i = 0; i < count; i++)
        mean[i] += a->share * (x[i] - mean[i]);
}

void ic_cpu_average(struct ic_device *device, float *mean, const float *x, float share,
                    size_t count)
{
    const struct average average = {mean, x, share, count};

    ic_cpu_run(device, ic_parts(count, AVERAGE_PART), average_part, &average);
}

/* --- ReLU ------------------------------------------------------------------------- */

enum { RELU_PART = 1 << 10 };

struct relu {
    float *out;
    const float *in, *y;
    size_t count;
    bool accumulate;
};

static IC_TARGET_CLONES void relu_part(const void *args, size_t index, int thread)
{
    const struct relu *const r = args;
    const size_t first = index * RELU_PART, count = ic_min(RELU_PART, r->count - first);
    const float *const x = r->in + first;
    float *const y = r->out + first;

    for (size_t i = 0; i < count; i++)
        y[i] = ic_cpu_rectify(x[i]);
}

void ic_cpu_relu_forward(struct ic_device *device, float *y, const float *x,
                         size_t count)
{
    const struct relu r = {.out = y, .in = x, .count = count};

    ic_cpu_run(device, ic_parts(count, RELU_PART), relu_part, &r);
}

static IC_TARGET_CLONES void mask_part(const void *args, size_t index, int thread)
{
    const struct relu *const r = args;
    const size_t first = index * RELU_PART, count = ic_min(RELU_PART, r->count - first);
    const float *const dy = r->in + first, *const y = r->y + first;
    float *const dx = r->out + first;

    for (size_t i = 0; i < count; i++) {
        const float gradient = y[i] > 0 ? dy[i] : 0;

        dx[i] = r->accumulate ? dx[i] + gradient : gradient;
    }
}

void ic_cpu_relu_backward(struct ic_device *device, float *dx, const float *dy,
                          const float *y, size_t count, bool accumulate)
{
    const struct relu r = {dx, dy, y, count, accumulate};

    ic_cpu_run(device, ic_parts(count, RELU_PART), mask_part, &r);
}
