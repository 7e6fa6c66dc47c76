/*
 * Batch normalisation, forward (Ioffe and Szegedy 2015). Training reads x twice: once
 * for the statistics, once to normalise, add the residual and take the ReLU.
 *
 * A chunk's mean and squared differences are taken in two sweeps, of which the second
 * finds the chunk in the cache, and chunks are combined pairwise exact (Chan, Golub and
 * LeVeque, "Algorithms for computing the sample variance", 1983). So no large sums of
 * squares are subtracted from each other, whatever the mean.
 */
#include <math.h>

#include "backend/cpu/batchnorm.h"

enum { LANES = IC_BATCHNORM_LANES, FINISH = IC_BATCHNORM_FINISH };

size_t ic_cpu_batchnorm_workspace(struct ic_device *device,
                                  const struct ic_batchnorm *bn)
{
    return ic_batchnorm_chunks(bn) * 2 * (size_t)bn->channels * sizeof(double);
}

/* --- statistics ------------------------------------------------------------------- */

struct statistics {
    const float *x;
    void *workspace;
    const struct ic_batchnorm *bn;
    float *saved_mean, *saved_invstd, *running_mean, *running_var;
};

/* `lanes` channels of a chunk. The second sweep also sums the plain differences, which
 * would be zero if the mean were exact, and corrects both results by them. */
IC_INLINE void chunk_moments(double *mean, double *squares, const float *x, size_t rows,
                             size_t stride, size_t lanes)
{
    const double count = (double)rows;
    float sum[LANES] = {0}, rest[LANES] = {0}, square[LANES] = {0}, about[LANES];

    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < lanes; c++)
            sum[c] += x[r * stride + c];
    for (size_t c = 0; c < lanes; c++)
        about[c] = sum[c] / (float)rows;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < lanes; c++) {
            const float d = x[r * stride + c] - about[c];

            rest[c] += d;
            square[c] += d * d;
        }
    }
    for (size_t c = 0; c < lanes; c++) {
        mean[c] = about[c] + rest[c] / count;
        squares[c] = square[c] - (double)rest[c] * rest[c] / count;
    }
}

static IC_TARGET_CLONES void chunk_statistics(const void *args, size_t index,
                                              int thread)
{
    const struct statistics *const s = args;
    const size_t channels = (size_t)s->bn->channels;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(s->bn, index);
    const struct ic_batchnorm_sums sums =
        ic_batchnorm_sums_of(s->workspace, s->bn, part.chunk);
    const float *const x = s->x + part.first * channels;
    size_t c = part.channel;

    for (; c + LANES <= part.end; c += LANES)
        chunk_moments(sums.first + c, sums.second + c, x + c, part.rows, channels,
                      LANES);
    if (c < part.end)
        chunk_moments(sums.first + c, sums.second + c, x + c, part.rows, channels,
                      part.end - c);
}

/* Combines the chunks of some channels into the first chunk's place. */
static IC_TARGET_CLONES void combine_chunks(const struct statistics *s, size_t channel,
                                            size_t lanes)
{
    const size_t chunk = ic_batchnorm_chunk(s->bn), rows = s->bn->rows;
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(s->workspace, s->bn, 0);

    for (size_t i = 1; i < ic_batchnorm_chunks(s->bn); i++) {
        const struct ic_batchnorm_sums one =
            ic_batchnorm_sums_of(s->workspace, s->bn, i);
        const double before = (double)(i * chunk);
        const double here = (double)ic_cpu_min(chunk, rows - i * chunk);
        const double share = here / (before + here);

#pragma omp simd
        for (size_t c = channel; c < channel + lanes; c++) {
            const double delta = one.first[c] - all.first[c];

            all.first[c] += delta * share;
            all.second[c] += one.second[c] + delta * delta * before * share;
        }
    }
}

static void finish_statistics(const void *args, size_t index, int thread)
{
    const struct statistics *const s = args;
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(s->workspace, s->bn, 0);
    const size_t first = index * FINISH;
    const size_t lanes = ic_cpu_min(FINISH, (size_t)s->bn->channels - first);
    const double rows = (double)s->bn->rows, momentum = s->bn->momentum;

    combine_chunks(s, first, lanes);
    for (size_t c = first; c < first + lanes; c++) {
        const double mean = all.first[c], squares = all.second[c];
        const double unbiased = squares / (rows > 1 ? rows - 1 : 1);

        s->saved_mean[c] = (float)mean;
        s->saved_invstd[c] = (float)(1 / sqrt(squares / rows + s->bn->epsilon));
        s->running_mean[c] =
            (float)((1 - momentum) * s->running_mean[c] + momentum * mean);
        s->running_var[c] =
            (float)((1 - momentum) * s->running_var[c] + momentum * unbiased);
    }
}

/* --- y = ReLU((x - mean) * invstd * weight + bias + residual) --------------------- */

struct normalisation {
    float *y;
    const float *x, *residual; /* residual may be NULL */
    const float *weight, *bias, *mean;
    const float *invstd; /* NULL: from var */
    const float *var;
    const struct ic_batchnorm *bn;
};

/* Zero for what is negative, and what is not a number stays so. */
IC_INLINE float rectify(float v)
{
    return v < 0 ? 0 : v;
}

/* Some rows of `lanes` channels; the pointers are at the first of them. */
IC_INLINE void normalise_lanes(float *y, const float *x, const float *residual,
                               const float *mean, const float *scale, const float *bias,
                               size_t rows, size_t stride, size_t lanes, bool add,
                               bool relu)
{
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            float v = (x[at + c] - mean[c]) * scale[c] + bias[c];

            if (add)
                v += residual[at + c];
            y[at + c] = relu ? rectify(v) : v;
        }
    }
}

IC_INLINE void normalise_block(const struct normalisation *n, size_t first, size_t rows,
                               size_t channel, size_t lanes)
{
    const size_t stride = (size_t)n->bn->channels, at = first * stride + channel;
    const float *const x = n->x + at;
    const float *const residual = n->residual != NULL ? n->residual + at : NULL;
    const bool add = n->residual != NULL;
    float *const y = n->y + at;
    float mean[LANES], scale[LANES], bias[LANES];

    for (size_t c = 0; c < lanes; c++) {
        const float invstd = n->invstd != NULL
                                 ? n->invstd[channel + c]
                                 : 1 / sqrtf(n->var[channel + c] + n->bn->epsilon);

        mean[c] = n->mean[channel + c];
        scale[c] = n->weight[channel + c] * invstd;
        bias[c] = n->bias[channel + c];
    }
    if (add && n->bn->relu)
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, true,
                        true);
    else if (add)
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, true,
                        false);
    else if (n->bn->relu)
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, false,
                        true);
    else
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, false,
                        false);
}

static IC_TARGET_CLONES void normalise_chunk(const void *args, size_t index, int thread)
{
    const struct normalisation *const n = args;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(n->bn, index);
    size_t c = part.channel;

    for (; c + LANES <= part.end; c += LANES)
        normalise_block(n, part.first, part.rows, c, LANES);
    if (c < part.end)
        normalise_block(n, part.first, part.rows, c, part.end - c);
}

/* --- the entries ------------------------------------------------------------------ */

void ic_cpu_batchnorm_forward_train(struct ic_device *device, void *y,
                                    float *saved_mean, float *saved_invstd,
                                    float *running_mean, float *running_var,
                                    const void *x, const void *residual,
                                    const float *weight, const float *bias,
                                    void *workspace, const struct ic_batchnorm *bn)
{
    const struct statistics s = {.x = x,
                                 .workspace = workspace,
                                 .bn = bn,
                                 .saved_mean = saved_mean,
                                 .saved_invstd = saved_invstd,
                                 .running_mean = running_mean,
                                 .running_var = running_var};
    const struct normalisation n = {.y = y,
                                    .x = x,
                                    .residual = residual,
                                    .weight = weight,
                                    .bias = bias,
                                    .mean = saved_mean,
                                    .invstd = saved_invstd,
                                    .bn = bn};

    ic_cpu_run(device, ic_batchnorm_tasks(bn), chunk_statistics, &s);
    ic_cpu_run(device, ic_cpu_parts((size_t)bn->channels, FINISH), finish_statistics,
               &s);
    ic_cpu_run(device, ic_batchnorm_tasks(bn), normalise_chunk, &n);
}

void ic_cpu_batchnorm_again(struct ic_device *device, void *y, const void *x,
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
                                    .bn = bn};

    ic_cpu_run(device, ic_batchnorm_tasks(bn), normalise_chunk, &n);
}

void ic_cpu_batchnorm_forward_eval(struct ic_device *device, void *y, const void *x,
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
                                    .bn = bn};

    ic_cpu_run(device, ic_batchnorm_tasks(bn), normalise_chunk, &n);
}
