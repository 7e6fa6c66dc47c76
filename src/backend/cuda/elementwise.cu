/* SPDX-License-Identifier: MIT */
/*
 * Kernels that take each element on its own: fill, sum, the moving average, ReLU. One
 * thread per element.
 */
#include "backend/cuda/cuda.h"

/* --- fill ------------------------------------------------------------------------- */

struct fill {
    float *x;
    float value;
};

IC_EVERYWHERE void fill_element(const struct fill *f, size_t i)
{
    f->x[i] = f->value;
}

IC_KERNEL(fill_element, struct fill)

void ic_cuda_fill(struct ic_device *device, float *x, float value, size_t count)
{
    const struct fill f = {x, value};

    fill_element_each(device, count, &f);
}

/* --- sum -------------------------------------------------------------------------- */

struct addition {
    float *sum;
    const float *x;
};

IC_EVERYWHERE void add_element(const struct addition *a, size_t i)
{
    a->sum[i] += a->x[i];
}

IC_KERNEL(add_element, struct addition)

void ic_cuda_add(struct ic_device *device, float *sum, const float *x, size_t count)
{
    const struct addition a = {sum, x};

    add_element_each(device, count, &a);
}

/* --- moving average --------------------------------------------------------------- */

struct average {
    float *mean;
    const float *x;
    float share;
};

IC_EVERYWHERE void average_element(const struct average *a, size_t i)
{
    a->mean[i] += a->share * (a->x[i] - a->mean[i]);
}

IC_KERNEL(average_element, struct average)

void ic_cuda_average(struct ic_device *device, float *mean, const float *x, float share,
                     size_t count)
{
    const struct average a = {mean, x, share};

    average_element_each(device, count, &a);
}

/* --- ReLU ------------------------------------------------------------------------- */

struct relu {
    float *out;
    const float *in, *y;
    bool accumulate;
};

IC_EVERYWHERE void rectify_element(const struct relu *r, size_t i)
{
    r->out[i] = ic_cuda_rectify(r->in[i]);
}

IC_KERNEL(rectify_element, struct relu)

void ic_cuda_relu_forward(struct ic_device *device, float *y, const float *x,
                          size_t count)
{
    const struct relu r = {y, x, NULL, false};

    rectify_element_each(device, count, &r);
}

IC_EVERYWHERE void mask_element(const struct relu *r, size_t i)
{
    const float gradient = r->y[i] > 0 ? r->in[i] : 0;

    r->out[i] = r->accumulate ? r->out[i] + gradient : gradient;
}

IC_KERNEL(mask_element, struct relu)

void ic_cuda_relu_backward(struct ic_device *device, float *dx, const float *dy,
                           const float *y, size_t count, bool accumulate)
{
    const struct relu r = {dx, dy, y, accumulate};

    mask_element_each(device, count, &r);
}
