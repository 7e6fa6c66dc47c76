/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, forward (Ioffe and Szegedy 2015): statistics, then one pass that
 * normalises, adds the residual and takes the ReLU.
 *
 * A chunk's mean and squared differences are taken in two sweeps, of which the second
 * finds the chunk in the cache; a tree combines the chunks exactly (Chan, Golub and
 * LeVeque, "Algorithms for computing the sample variance", 1983). So no large sums of
 * squares are subtracted from each other, whatever the mean.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cuda/batchnorm.h"

enum { FAN = 16 }; /* chunks that a level of the tree combines */

size_t ic_cuda_batchnorm_workspace(struct ic_device *device,
                                   const struct ic_batchnorm *bn)
{
    const size_t chunks = ic_parts(bn->rows, ic_cuda_batchnorm_chunk(bn));

    (void)device;
    return (1 + chunks) * 2 * (size_t)bn->channels * sizeof(double);
}

/* --- statistics ------------------------------------------------------------------- */

struct statistics {
    const void *x;
    void *workspace;
    struct ic_batchnorm bn;
    size_t chunk_rows;
    size_t step; /* distance in chunks between those that still count */
    float *saved_mean, *saved_invstd;
    double *batch_mean, *batch_var;
};

/* One thread per channel of a chunk. The second sweep also sums the plain differences,
 * which would be zero if the mean were exact, and corrects both results by them. */
IC_EVERYWHERE void measure_chunk(const struct statistics *s, size_t i)
{
    const size_t channels = (size_t)s->bn.channels;
    const size_t chunk = i / channels, channel = i % channels;
    const size_t first = chunk * s->chunk_rows;
    const size_t rows = ic_min(s->chunk_rows, s->bn.rows - first);
    const size_t begin = first * channels + channel;
    const enum ic_type type = s->bn.type;
    double *const moments =
        ic_cuda_batchnorm_sums(s->workspace, &s->bn, chunk, channel);
    float sum = 0, rest = 0, square = 0, about;

    for (size_t r = 0; r < rows; r++)
        sum += ic_load(s->x, begin + r * channels, type);
    about = sum / (float)rows;
    for (size_t r = 0; r < rows; r++) {
        const float d = ic_load(s->x, begin + r * channels, type) - about;

        rest += d;
        square += d * d;
    }
    moments[0] = about + (double)rest / (double)rows;
    moments[channels] = square - (double)rest * rest / (double)rows;
}

IC_KERNEL(measure_chunk, struct statistics)

/* Combines FAN groups of `step` chunks into the place of the first. */
IC_EVERYWHERE void combine_chunks(const struct statistics *s, size_t i)
{
    const size_t channels = (size_t)s->bn.channels, channel = i % channels;
    const size_t first = i / channels * FAN * s->step;
    const size_t group = s->step * s->chunk_rows; /* rows of a full group */
    const size_t begin = first * s->chunk_rows;
    double *const all = ic_cuda_batchnorm_sums(s->workspace, &s->bn, first, channel);

    for (size_t j = 1; j < FAN && begin + j * group < s->bn.rows; j++) {
        const double *const one =
            ic_cuda_batchnorm_sums(s->workspace, &s->bn, first + j * s->step, channel);
        const double before = (double)(j * group);
        const double here = (double)ic_min(group, s->bn.rows - begin - j * group);
        const double delta = one[0] - all[0], share = here / (before + here);

        all[0] += delta * share;
        all[channels] += one[channels] + delta * delta * before * share;
    }
}

IC_KERNEL(combine_chunks, struct statistics)

/* One thread per channel. */
IC_EVERYWHERE void finish_statistics(const struct statistics *s, size_t c)
{
    const double *const all = ic_cuda_batchnorm_sums(s->workspace, &s->bn, 0, c);
    const double mean = all[0], squares = all[s->bn.channels];
    const double rows = (double)s->bn.rows;

    s->saved_mean[c] = (float)mean;
    s->saved_invstd[c] = (float)(1 / sqrt(squares / rows + s->bn.epsilon));
    s->batch_mean[c] = mean;
    s->batch_var[c] = squares / (rows > 1 ? rows - 1 : 1);
}

IC_KERNEL(finish_statistics, struct statistics)

/* --- running statistics ----------------------------------------------------------- */

struct move {
    float *running;
    const double *batch;
    double momentum;
};

/* One thread per element. */
IC_EVERYWHERE void move_element(const struct move *m, size_t i)
{
    m->running[i] =
        (float)((1 - m->momentum) * m->running[i] + m->momentum * m->batch[i]);
}

IC_KERNEL(move_element, struct move)

void ic_cuda_batchnorm_move(struct ic_device *device, float *running,
                            const double *batch, float momentum, size_t count)
{
    const struct move move = {running, batch, momentum};

    move_element_each(device, count, &move);
}

/* --- y = ReLU((x - mean) * invstd * weight + bias + residual) --------------------- */

struct normalisation {
    void *y;
    const void *x, *residual; /* residual may be NULL */
    const float *weight, *bias, *mean;
    const float *invstd; /* NULL: from var */
    const float *var;
    struct ic_batchnorm bn;
};

/* One thread per channel of a strip. */
IC_EVERYWHERE void normalise_strip(const struct normalisation *n, size_t i)
{
    const size_t channels = (size_t)n->bn.channels, c = i % channels;
    const size_t first = i / channels * IC_CUDA_STRIP;
    const size_t end = ic_min(first + IC_CUDA_STRIP, n->bn.rows);
    const float invstd =
        n->invstd != NULL ? n->invstd[c] : 1 / sqrtf(n->var[c] + n->bn.epsilon);
    const float mean = n->mean[c], scale = n->weight[c] * invstd, bias = n->bias[c];
    const enum ic_type type = n->bn.type;

    for (size_t at = first * channels + c; at < end * channels; at += channels) {
        float v = ic_cuda_batchnorm_value(ic_load(n->x, at, type), mean, scale, bias);

        if (n->residual != NULL)
            v += ic_load(n->residual, at, type);
        ic_store(n->y, at, n->bn.relu ? ic_cuda_rectify(v) : v, type);
    }
}

IC_KERNEL(normalise_strip, struct normalisation)

/* --- the entries ------------------------------------------------------------------ */

void ic_cuda_batchnorm_forward_train(struct ic_device *device, void *y,
                                     float *saved_mean, float *saved_invstd,
                                     double *batch_mean, double *batch_var,
                                     const void *x, const void *residual,
                                     const float *weight, const float *bias,
                                     void *workspace, const struct ic_batchnorm *bn)
{
    const size_t channels = (size_t)bn->channels;
    const size_t chunk_rows = ic_cuda_batchnorm_chunk(bn);
    const size_t chunks = ic_parts(bn->rows, chunk_rows);
    struct statistics s = {.x = x,
                           .workspace = workspace,
                           .bn = *bn,
                           .chunk_rows = chunk_rows,
                           .step = 1,
                           .saved_mean = saved_mean,
                           .saved_invstd = saved_invstd,
                           .batch_mean = batch_mean,
                           .batch_var = batch_var};
    const struct normalisation n = {.y = y,
                                    .x = x,
                                    .residual = residual,
                                    .weight = weight,
                                    .bias = bias,
                                    .mean = saved_mean,
                                    .invstd = saved_invstd,
                                    .bn = *bn};

    measure_chunk_each(device, chunks * channels, &s);
    for (; s.step < chunks; s.step *= FAN)
        combine_chunks_each(device, ic_parts(chunks, FAN * s.step) * channels, &s);
    finish_statistics_each(device, channels, &s);
    normalise_strip_each(device, ic_cuda_batchnorm_strips(bn), &n);
}

void ic_cuda_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                 const float *weight, const float *bias,
                                 const float *saved_mean, const float *saved_invstd,
                                 const struct ic_batchnorm *bn)
{
    const struct normalisation n = {.y = y,
                                    .x = x,
                                    .weight = weight,
                                    .bias = bias,
                                    .mean = saved_mean,
                                    .invstd = saved_invstd,
                                    .bn = *bn};

    normalise_strip_each(device, ic_cuda_batchnorm_strips(bn), &n);
}

void ic_cuda_batchnorm_forward_eval(struct ic_device *device, void *y, const void *x,
                                    const void *residual, const float *weight,
                                    const float *bias, const float *running_mean,
                                    const float *running_var,
                                    const struct ic_batchnorm *bn)
{
    const struct normalisation n = {.y = y,
                                    .x = x,
                                    .residual = residual,
                                    .weight = weight,
                                    .bias = bias,
                                    .mean = running_mean,
                                    .var = running_var,
                                    .bn = *bn};

    normalise_strip_each(device, ic_cuda_batchnorm_strips(bn), &n);
}
