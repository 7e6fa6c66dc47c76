/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, forward (Ioffe and Szegedy 2015). Training reads x twice: once
 * for the statistics, once to normalise, add the residual and take the ReLU.
 *
 * A chunk's mean and squared differences are taken in two sweeps, of which the second
 * finds the chunk in the cache. Chunks are combined in pairs by the formula of Chan,
 * Golub and LeVeque ("Algorithms for computing the sample variance", 1983), which
 * subtracts no large sums of squares from each other, whatever the mean.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cpu/batchnorm.h"

enum { LANES = IC_BATCHNORM_LANES, FINISH = IC_BATCHNORM_FINISH };

size_t ic_cpu_batchnorm_workspace(struct ic_device *device,
                                  const struct ic_batchnorm *bn)
{
    return ic_batchnorm_chunks(bn) * 2 * (size_t)bn->channels * sizeof(double);
}

/* --- statistics ------------------------------------------------------------------- */

struct statistics {
    const void *x;
    void *workspace;
    const struct ic_batchnorm *bn;
    float *saved_mean, *saved_invstd;
    double *batch_mean, *batch_var;
};

/* Measures `lanes` channels of a chunk. The second sweep also sums the plain
 * differences, which would be zero if the mean were exact, and corrects both results by
 * them. */
IC_INLINE void chunk_moments(double *mean, double *squares, const void *x, size_t rows,
                             size_t stride, size_t lanes, enum ic_type type)
{
    const double count = (double)rows;
    float sum[LANES] = {0}, rest[LANES] = {0}, square[LANES] = {0}, about[LANES];

    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < lanes; c++)
            sum[c] += ic_load(x, r * stride + c, type);
    for (size_t c = 0; c < lanes; c++)
        about[c] = sum[c] / (float)rows;
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < lanes; c++) {
            const float d = ic_load(x, r * stride + c, type) - about[c];

            rest[c] += d;
            square[c] += d * d;
        }
    }
    for (size_t c = 0; c < lanes; c++) {
        mean[c] = about[c] + rest[c] / count;
        squares[c] = square[c] - (double)rest[c] * rest[c] / count;
    }
}

IC_INLINE void part_moments(const struct statistics *s,
                            const struct ic_batchnorm_part *part, enum ic_type type)
{
    const size_t channels = (size_t)s->bn->channels, first = part->first * channels;
    const struct ic_batchnorm_sums sums =
        ic_batchnorm_sums_of(s->workspace, s->bn, part->chunk);
    size_t c = part->channel;

    for (; c + LANES <= part->end; c += LANES)
        chunk_moments(sums.first + c, sums.second + c,
                      ic_const_element(s->x, first + c, type), part->rows, channels,
                      LANES, type);
    if (c < part->end)
        chunk_moments(sums.first + c, sums.second + c,
                      ic_const_element(s->x, first + c, type), part->rows, channels,
                      part->end - c, type);
}

static IC_TARGET_CLONES void chunk_statistics(const void *args, size_t index,
                                              int thread)
{
    const struct statistics *const s = args;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(s->bn, index);

    if (s->bn->type == IC_TYPE_BF16)
        part_moments(s, &part, IC_TYPE_BF16);
    else
        part_moments(s, &part, IC_TYPE_FP32);
}

/* Combines the chunks of some channels into the place of the first chunk. */
static IC_TARGET_CLONES void combine_chunks(const struct statistics *s, size_t channel,
                                            size_t lanes)
{
    const size_t chunk = ic_batchnorm_chunk(s->bn), rows = s->bn->rows;
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(s->workspace, s->bn, 0);

    for (size_t i = 1; i < ic_batchnorm_chunks(s->bn); i++) {
        const struct ic_batchnorm_sums one =
            ic_batchnorm_sums_of(s->workspace, s->bn, i);
        const double before = (double)(i * chunk);
        const double here = (double)ic_min(chunk, rows - i * chunk);
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
    const size_t lanes = ic_min(FINISH, (size_t)s->bn->channels - first);
    const double rows = (double)s->bn->rows;

    combine_chunks(s, first, lanes);
    for (size_t c = first; c < first + lanes; c++) {
        const double mean = all.first[c], squares = all.second[c];

        s->saved_mean[c] = (float)mean;
        s->saved_invstd[c] = (float)(1 / sqrt(squares / rows + s->bn->epsilon));
        s->batch_mean[c] = mean;
        s->batch_var[c] = squares / (rows > 1 ? rows - 1 : 1);
    }
}

/* --- running statistics ----------------------------------------------------------- */

enum { MOVE_PART = 1 << 12 };

struct move {
    float *running;
    const double *batch;
    float momentum;
    size_t count;
};

/* No IC_TARGET_CLONES here: other instruction sets would round in other places. */
static void move_part(const void *args, size_t index, int thread)
{
    const struct move *const m = args;
    const size_t first = index * MOVE_PART;
    const size_t end = first + ic_min(MOVE_PART, m->count - first);
    const double momentum = m->momentum;

    for (size_t i = first; i < end; i++)
        m->running[i] =
            (float)((1 - momentum) * m->running[i] + momentum * m->batch[i]);
}

void ic_cpu_batchnorm_move(struct ic_device *device, float *running,
                           const double *batch, float momentum, size_t count)
{
    const struct move move = {running, batch, momentum, count};

    ic_cpu_run(device, ic_parts(count, MOVE_PART), move_part, &move);
}

/* --- y = ReLU((x - mean) * invstd * weight + bias + residual) --------------------- */

struct normalisation {
    void *y;
    const void *x, *residual; /* residual may be NULL */
    const float *weight, *bias, *mean;
    const float *invstd; /* NULL: from var */
    const float *var;
    const struct ic_batchnorm *bn;
};

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

/* Normalises rows of `lanes` channels; the pointers are at the first element. */
IC_INLINE void normalise_lanes(void *y, const void *x, const void *residual,
                               const float *mean, const float *scale, const float *bias,
                               size_t rows, size_t stride, size_t lanes, bool add,
                               bool relu, enum ic_type type)
{
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            float v = ic_batchnorm_value(ic_load(x, at + c, type), mean[c], scale[c],
                                         bias[c]);

            if (add)
                v += ic_load(residual, at + c, type);
            ic_store(y, at + c, relu ? ic_cpu_rectify(v) : v, type);
        }
    }
}

IC_INLINE void normalise_block(const struct normalisation *n, size_t first, size_t rows,
                               size_t channel, size_t lanes, enum ic_type type)
{
    const size_t stride = (size_t)n->bn->channels, at = first * stride + channel;
    const bool add = n->residual != NULL;
    const void *const x = ic_const_element(n->x, at, type);
    const void *const residual = add ? ic_const_element(n->residual, at, type) : NULL;
    void *const y = ic_element(n->y, at, type);
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
                        true, type);
    else if (add)
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, true,
                        false, type);
    else if (n->bn->relu)
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, false,
                        true, type);
    else
        normalise_lanes(y, x, residual, mean, scale, bias, rows, stride, lanes, false,
                        false, type);
}

IC_INLINE void normalise_part(const struct normalisation *n,
                              const struct ic_batchnorm_part *part, enum ic_type type)
{
    size_t c = part->channel;

    for (; c + LANES <= part->end; c += LANES)
        normalise_block(n, part->first, part->rows, c, LANES, type);
    if (c < part->end)
        normalise_block(n, part->first, part->rows, c, part->end - c, type);
}

static IC_TARGET_CLONES void normalise_chunk(const void *args, size_t index, int thread)
{
    const struct normalisation *const n = args;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(n->bn, index);

    if (n->bn->type == IC_TYPE_BF16)
        normalise_part(n, &part, IC_TYPE_BF16);
    else
        normalise_part(n, &part, IC_TYPE_FP32);
}

/* LCOV_EXCL_BR_STOP */

/* --- the entries ------------------------------------------------------------------ */

void ic_cpu_batchnorm_forward_train(struct ic_device *device, void *y,
                                    float *saved_mean, float *saved_invstd,
                                    double *batch_mean, double *batch_var,
                                    const void *x, const void *residual,
                                    const float *weight, const float *bias,
                                    void *workspace, const struct ic_batchnorm *bn)
{
    const struct statistics s = {.x = x,
                                 .workspace = workspace,
                                 .bn = bn,
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
                                    .bn = bn};

    ic_cpu_run(device, ic_batchnorm_tasks(bn), chunk_statistics, &s);
    ic_cpu_run(device, ic_parts((size_t)bn->channels, FINISH), finish_statistics, &s);
    ic_cpu_run(device, ic_batchnorm_tasks(bn), normalise_chunk, &n);
}

void ic_cpu_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
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
