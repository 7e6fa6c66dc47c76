/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, backward. With g the gradient after the ReLU's mask, xhat the
 * normalised x and N the number of rows:
 *
 *   dbias = sum g,   dweight = sum g xhat,   dresidual = g,
 *   dx = weight invstd (g - dbias / N - xhat dweight / N).
 *
 * Two passes over memory: the sums, then dx. A dresidual that is written (not added to)
 * is written by the first pass, and the second reads it instead of dy and the mask.
 */
#include <assert.h>

#include "backend/bf16.h"
#include "backend/cuda/batchnorm.h"

struct backward {
    void *dx, *dresidual;
    float *dweight, *dbias;
    const void *dy, *x, *y; /* y is NULL where the mask is found from x */
    bool mask;              /* the ReLU's mask is (still) to be applied */
    const float *weight, *bias, *mean, *invstd;
    void *workspace;
    struct ic_batchnorm bn;
    size_t chunk_rows;
};

IC_EVERYWHERE bool is_open(const struct backward *b, size_t at, size_t channel)
{
    const float scale = b->weight[channel] * b->invstd[channel];

    if (b->y != NULL)
        return ic_load(b->y, at, b->bn.type) > 0;
    return ic_cuda_batchnorm_value(ic_load(b->x, at, b->bn.type), b->mean[channel],
                                   scale, b->bias[channel]) > 0;
}

IC_EVERYWHERE float gradient(const struct backward *b, size_t at, size_t channel)
{
    return !b->mask || is_open(b, at, channel) ? ic_load(b->dy, at, b->bn.type) : 0;
}

/* One thread per channel of a chunk. */
IC_EVERYWHERE void sum_chunk(const struct backward *b, size_t i)
{
    const size_t channels = (size_t)b->bn.channels;
    const size_t chunk = i / channels, channel = i % channels;
    const size_t first = chunk * b->chunk_rows;
    const size_t rows = ic_min(b->chunk_rows, b->bn.rows - first);
    const float centre = b->mean[channel];
    double *const sums = ic_cuda_batchnorm_sums(b->workspace, &b->bn, chunk, channel);
    float sum = 0, product = 0;

    for (size_t r = 0; r < rows; r++) {
        const size_t at = (first + r) * channels + channel;
        const float g = gradient(b, at, channel);

        sum += g;
        product += g * (ic_load(b->x, at, b->bn.type) - centre);
        if (b->dresidual != NULL)
            ic_store(b->dresidual, at, g, b->bn.type);
    }
    sums[0] = sum;
    sums[channels] = product;
}

IC_KERNEL(sum_chunk, struct backward)

/* One thread per channel: the gradients of the parameters, and the factors of dx:
 * dx = scale g + slope (x - mean) + shift. */
IC_EVERYWHERE void finish_sums(const struct backward *b, size_t c)
{
    const size_t channels = (size_t)b->bn.channels;
    const double *const sums = ic_cuda_batchnorm_sums(b->workspace, &b->bn, 0, c);
    float *const factors = ic_cuda_batchnorm_factors(b->workspace) + c;
    const double invstd = b->invstd[c], scale = b->weight[c] * invstd;
    const double share = 1 / (double)b->bn.rows;

    b->dbias[c] = (float)sums[0];
    b->dweight[c] = (float)(sums[channels] * invstd);
    factors[0] = (float)scale;
    factors[channels] = (float)(-scale * invstd * invstd * sums[channels] * share);
    factors[2 * channels] = (float)(-scale * sums[0] * share);
}

IC_KERNEL(finish_sums, struct backward)

/* One thread per channel of a strip. */
IC_EVERYWHERE void pass_strip(const struct backward *b, size_t i)
{
    const size_t channels = (size_t)b->bn.channels, c = i % channels;
    const size_t first = i / channels * IC_CUDA_STRIP;
    const size_t end = ic_min(first + IC_CUDA_STRIP, b->bn.rows);
    const float *const factors = ic_cuda_batchnorm_factors(b->workspace) + c;
    const float scale = factors[0], slope = factors[channels];
    const float shift = factors[2 * channels], mean = b->mean[c];
    const enum ic_type type = b->bn.type;

    for (size_t at = first * channels + c; at < end * channels; at += channels) {
        const float g = gradient(b, at, c);
        const float x = ic_load(b->x, at, type);

        ic_store(b->dx, at, scale * g + slope * (x - mean) + shift, type);
        if (b->dresidual != NULL)
            ic_store(b->dresidual, at, ic_load(b->dresidual, at, type) + g, type);
    }
}

IC_KERNEL(pass_strip, struct backward)

void ic_cuda_batchnorm_backward(struct ic_device *device, void *dx, void *dresidual,
                                float *dweight, float *dbias, const void *dy,
                                const void *x, const void *y, const float *weight,
                                const float *bias, const float *saved_mean,
                                const float *saved_invstd, void *workspace,
                                const struct ic_batchnorm *bn, bool add_residual)
{
    const size_t channels = (size_t)bn->channels;
    const size_t chunk_rows = ic_cuda_batchnorm_chunk(bn);
    const size_t chunks = ic_parts(bn->rows, chunk_rows);
    struct backward b = {.dx = dx,
                         .dresidual = add_residual ? NULL : dresidual,
                         .dweight = dweight,
                         .dbias = dbias,
                         .dy = dy,
                         .x = x,
                         .y = y,
                         .mask = bn->relu,
                         .weight = weight,
                         .bias = bias,
                         .mean = saved_mean,
                         .invstd = saved_invstd,
                         .workspace = workspace,
                         .bn = *bn,
                         .chunk_rows = chunk_rows};

    assert(!(add_residual && dresidual == dy) && (dx != NULL || dresidual == NULL));
    assert(!bn->relu || y != NULL || dresidual == NULL);
    sum_chunk_each(device, chunks * channels, &b);
    ic_cuda_sum_rows(device, ic_cuda_batchnorm_sums(workspace, bn, 0, 0), chunks,
                     2 * channels);
    finish_sums_each(device, channels, &b);
    if (dx == NULL)
        return;
    if (dresidual != NULL && !add_residual) { /* it holds g now */
        b.dy = dresidual;
        b.mask = false;
        b.dresidual = NULL;
    } else {
        b.dresidual = dresidual;
    }
    pass_strip_each(device, ic_cuda_batchnorm_strips(bn), &b);
}
