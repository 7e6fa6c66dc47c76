/* SPDX-License-Identifier: MIT */
/*
 * im2col and col2im. Gathering takes one thread per element of the matrix; summing, one
 * per element of dx, which reads each window that covers it, in order. So no two
 * threads add to the same element (Chellapilla, Puri, Simard, "High performance
 * convolutional neural networks for document processing", 2006, for im2col itself).
 */
#include "backend/cuda/windows.h"

#include "backend/bf16.h"

size_t ic_cuda_windows_length(const struct ic_conv *conv)
{
    return (size_t)conv->kernel * (size_t)conv->kernel * (size_t)conv->in_channels;
}

size_t ic_cuda_windows_points(const struct ic_conv *conv)
{
    return (size_t)conv->out_height * (size_t)conv->out_width;
}

bool ic_cuda_windows_plain(const struct ic_conv *conv)
{
    return conv->kernel == 1 && conv->stride == 1 && conv->pad == 0;
}

struct gathering {
    void *out;
    const void *in;
    struct ic_conv conv;
};

IC_EVERYWHERE void gather_element(const struct gathering *g, size_t i)
{
    const struct ic_conv *const v = &g->conv;
    const size_t channels = (size_t)v->in_channels, kernel = (size_t)v->kernel;
    const size_t width = (size_t)v->out_width, height = (size_t)v->out_height;
    const size_t c = i % channels, tap = i / channels % (kernel * kernel);
    const size_t point = i / (channels * kernel * kernel);
    const size_t n = point / (width * height);
    const int y = (int)(point / width % height) * v->stride - v->pad;
    const int x = (int)(point % width) * v->stride - v->pad;
    const int iy = y + (int)(tap / kernel), ix = x + (int)(tap % kernel);
    const bool inside = iy >= 0 && iy < v->in_height && ix >= 0 && ix < v->in_width;
    const size_t line = n * (size_t)v->in_height + (size_t)iy;

    const size_t at = (line * (size_t)v->in_width + (size_t)ix) * channels + c;

    ic_store(g->out, i, inside ? ic_load(g->in, at, v->type) : 0, v->type);
}

IC_KERNEL(gather_element, struct gathering)

void ic_cuda_windows_gather(struct ic_device *device, void *matrix, const void *x,
                            const struct ic_conv *conv, size_t pictures)
{
    const struct gathering g = {matrix, x, *conv};

    gather_element_each(
        device, pictures * ic_cuda_windows_points(conv) * ic_cuda_windows_length(conv),
        &g);
}

struct sums {
    void *out;
    const float *in;
    struct ic_conv conv;
    bool accumulate;
};

/* Input pixel i meets tap k at output pixel o where i + pad - k = stride o. */
IC_EVERYWHERE void sum_element(const struct sums *s, size_t i)
{
    const struct ic_conv *const v = &s->conv;
    const size_t channels = (size_t)v->in_channels, kernel = (size_t)v->kernel;
    const size_t c = i % channels, pixel = i / channels;
    const int x = (int)(pixel % (size_t)v->in_width) + v->pad;
    const int y = (int)(pixel / (size_t)v->in_width % (size_t)v->in_height) + v->pad;
    const size_t n = pixel / ((size_t)v->in_width * (size_t)v->in_height);
    float sum = s->accumulate ? ic_load(s->out, i, v->type) : 0;

    for (int ky = y % v->stride; ky < v->kernel && ky <= y; ky += v->stride) {
        const int oy = (y - ky) / v->stride;

        for (int kx = x % v->stride; kx < v->kernel && kx <= x; kx += v->stride) {
            const int ox = (x - kx) / v->stride;

            if (oy < v->out_height && ox < v->out_width) {
                const size_t line = n * (size_t)v->out_height + (size_t)oy;
                const size_t point = line * (size_t)v->out_width + (size_t)ox;
                const size_t tap = (size_t)ky * kernel + (size_t)kx;

                sum += s->in[(point * kernel * kernel + tap) * channels + c];
            }
        }
    }
    ic_store(s->out, i, sum, v->type);
}

IC_KERNEL(sum_element, struct sums)

void ic_cuda_windows_sum(struct ic_device *device, void *dx, const float *matrix,
                         const struct ic_conv *conv, size_t pictures, bool accumulate)
{
    const struct sums s = {dx, matrix, *conv, accumulate};

    sum_element_each(device,
                     pictures * (size_t)conv->in_height * (size_t)conv->in_width *
                         (size_t)conv->in_channels,
                     &s);
}
