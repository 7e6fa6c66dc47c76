/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, backward. With g the gradient after the ReLU's mask, xhat the
 * normalised x and N the number of rows:
 *
 *   dbias = sum g,   dweight = sum g xhat,   dresidual = g,
 *   dx = weight invstd (g - dbias / N - xhat dweight / N).
 *
 * The mask is found from y. Without a residual it is found from x instead, which both
 * passes read anyway: that saves a third of what they read, and y need not exist.
 *
 * Two passes: the sums, then dx. A dresidual that is written (not added to) is written
 * by the first pass, and the second reads it instead of dy and the mask.
 */
#include <assert.h>

#include "backend/bf16.h"
#include "backend/cpu/batchnorm.h"

enum { LANES = IC_BATCHNORM_LANES, FINISH = IC_BATCHNORM_FINISH };

enum mask { MASK_NONE, MASK_OF_Y, MASK_OF_X };

struct backward {
    void *dx, *dresidual;
    float *dweight, *dbias;
    const void *dy, *x, *y; /* y: for MASK_OF_Y */
    enum mask mask;
    const float *weight, *bias, *mean, *invstd;
    void *workspace;
    const struct ic_batchnorm *bn;
};

/* --- the gradient after the mask -------------------------------------------------- */

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

/* The normalisation of `lanes` channels. */
struct norm {
    float mean[LANES], scale[LANES], bias[LANES];
};

IC_INLINE struct norm norm_of(const struct backward *b, size_t channel, size_t lanes)
{
    struct norm n;

    for (size_t c = 0; c < lanes; c++) {
        n.mean[c] = b->mean[channel + c];
        n.scale[c] = b->weight[channel + c] * b->invstd[channel + c];
        n.bias[c] = b->bias[channel + c];
    }
    return n;
}

/* Rows of some channels: pointers to the first element. */
struct rows {
    const void *dy, *x, *y;
    void *dx, *dresidual; /* NULL where not wanted */
    size_t rows, stride;
};

IC_INLINE struct rows rows_of(const struct backward *b, struct ic_batchnorm_part part,
                              size_t channel, enum ic_type type)
{
    const size_t stride = (size_t)b->bn->channels;
    const size_t at = part.first * stride + channel;

    return (struct rows){
        .dy = ic_const_element(b->dy, at, type),
        .x = ic_const_element(b->x, at, type),
        .y = b->mask == MASK_OF_Y ? ic_const_element(b->y, at, type) : NULL,
        .dx = b->dx != NULL ? ic_element(b->dx, at, type) : NULL,
        .dresidual = b->dresidual != NULL ? ic_element(b->dresidual, at, type) : NULL,
        .rows = part.rows,
        .stride = stride,
    };
}

/* g of channel c of the lanes, at `at`. */
IC_INLINE float gradient(const struct rows *r, const struct norm *n, size_t at,
                         size_t c, enum mask mask, enum ic_type type)
{
    bool passes = true;

    if (mask == MASK_OF_Y)
        passes = ic_load(r->y, at, type) > 0;
    else if (mask == MASK_OF_X)
        passes = ic_batchnorm_value(ic_load(r->x, at, type), n->mean[c], n->scale[c],
                                    n->bias[c]) > 0;
    return passes ? ic_load(r->dy, at, type) : 0;
}

/* --- the sums --------------------------------------------------------------------- */

/* Sums over some rows of `lanes` channels. */
IC_INLINE void chunk_sums(double *first, double *second, const struct rows *rows,
                          const struct norm *n, size_t lanes, enum mask mask,
                          bool write, enum ic_type type)
{
    float sum[LANES] = {0}, product[LANES] = {0};
    const struct rows r = *rows;

    for (size_t row = 0; row < r.rows; row++) {
        const size_t at = row * r.stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            const float g = gradient(&r, n, at + c, c, mask, type);

            sum[c] += g;
            product[c] += g * (ic_load(r.x, at + c, type) - n->mean[c]);
            if (write)
                ic_store(r.dresidual, at + c, g, type);
        }
    }
    for (size_t c = 0; c < lanes; c++) {
        first[c] = sum[c];
        second[c] = product[c];
    }
}

IC_INLINE void sum_block(const struct backward *b, struct ic_batchnorm_part part,
                         size_t channel, size_t lanes, enum ic_type type)
{
    const struct ic_batchnorm_sums sums =
        ic_batchnorm_sums_of(b->workspace, b->bn, part.chunk);
    double *const first = sums.first + channel, *const second = sums.second + channel;
    const struct rows r = rows_of(b, part, channel, type);
    const struct norm n = norm_of(b, channel, lanes);
    const bool write = r.dresidual != NULL;

    if (b->mask == MASK_OF_X)
        chunk_sums(first, second, &r, &n, lanes, MASK_OF_X, false, type);
    else if (b->mask == MASK_OF_Y && write)
        chunk_sums(first, second, &r, &n, lanes, MASK_OF_Y, true, type);
    else if (b->mask == MASK_OF_Y)
        chunk_sums(first, second, &r, &n, lanes, MASK_OF_Y, false, type);
    else if (write)
        chunk_sums(first, second, &r, &n, lanes, MASK_NONE, true, type);
    else
        chunk_sums(first, second, &r, &n, lanes, MASK_NONE, false, type);
}

IC_INLINE void sum_part(const struct backward *b, struct ic_batchnorm_part part,
                        enum ic_type type)
{
    size_t c = part.channel;

    for (; c + LANES <= part.end; c += LANES)
        sum_block(b, part, c, LANES, type);
    if (c < part.end)
        sum_block(b, part, c, part.end - c, type);
}

/* LCOV_EXCL_BR_STOP */

static IC_TARGET_CLONES void sum_chunk(const void *args, size_t index, int thread)
{
    const struct backward *const b = args;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(b->bn, index);

    if (b->bn->type == IC_TYPE_BF16)
        sum_part(b, part, IC_TYPE_BF16);
    else
        sum_part(b, part, IC_TYPE_FP32);
}

static IC_TARGET_CLONES void finish_sums(const void *args, size_t index, int thread)
{
    const struct backward *const b = args;
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(b->workspace, b->bn, 0);
    const size_t first = index * FINISH;
    const size_t end = first + ic_min(FINISH, (size_t)b->bn->channels - first);

    for (size_t i = 1; i < ic_batchnorm_chunks(b->bn); i++) {
        const struct ic_batchnorm_sums one =
            ic_batchnorm_sums_of(b->workspace, b->bn, i);

#pragma omp simd
        for (size_t c = first; c < end; c++) {
            all.first[c] += one.first[c];
            all.second[c] += one.second[c];
        }
    }
    for (size_t c = first; c < end; c++) {
        b->dbias[c] = (float)all.first[c];
        b->dweight[c] = (float)(all.second[c] * b->invstd[c]);
    }
}

/* --- dx --------------------------------------------------------------------------- */

/* LCOV_EXCL_BR_START: conditions are constants in each instance of these loops. */

/* dx = scale g + slope (x - mean) + shift */
struct coefficients {
    float scale[LANES], slope[LANES], shift[LANES];
};

IC_INLINE struct coefficients coefficients_of(const struct backward *b, size_t channel,
                                              size_t lanes)
{
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(b->workspace, b->bn, 0);
    const double share = 1 / (double)b->bn->rows;
    struct coefficients k;

    for (size_t c = 0; c < lanes; c++) {
        const size_t j = channel + c;
        const double invstd = b->invstd[j], scale = b->weight[j] * invstd;

        k.scale[c] = (float)scale;
        k.slope[c] = (float)(-scale * invstd * invstd * all.second[j] * share);
        k.shift[c] = (float)(-scale * all.first[j] * share);
    }
    return k;
}

/* dx of some rows of `lanes` channels. */
IC_INLINE void chunk_dx(const struct rows *rows, const struct norm *n,
                        const struct coefficients *k, size_t lanes, enum mask mask,
                        bool add, enum ic_type type)
{
    const struct rows r = *rows;

    for (size_t row = 0; row < r.rows; row++) {
        const size_t at = row * r.stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            const float g = gradient(&r, n, at + c, c, mask, type);
            const float d = ic_load(r.x, at + c, type) - n->mean[c];

            ic_store(r.dx, at + c, k->scale[c] * g + k->slope[c] * d + k->shift[c],
                     type);
            if (add)
                ic_store(r.dresidual, at + c, ic_load(r.dresidual, at + c, type) + g,
                         type);
        }
    }
}

IC_INLINE void dx_block(const struct backward *b, struct ic_batchnorm_part part,
                        size_t channel, size_t lanes, enum ic_type type)
{
    const struct rows r = rows_of(b, part, channel, type);
    const struct norm n = norm_of(b, channel, lanes);
    const struct coefficients k = coefficients_of(b, channel, lanes);
    const bool add = r.dresidual != NULL;

    if (b->mask == MASK_OF_X)
        chunk_dx(&r, &n, &k, lanes, MASK_OF_X, false, type);
    else if (b->mask == MASK_OF_Y && add)
        chunk_dx(&r, &n, &k, lanes, MASK_OF_Y, true, type);
    else if (b->mask == MASK_OF_Y)
        chunk_dx(&r, &n, &k, lanes, MASK_OF_Y, false, type);
    else if (add)
        chunk_dx(&r, &n, &k, lanes, MASK_NONE, true, type);
    else
        chunk_dx(&r, &n, &k, lanes, MASK_NONE, false, type);
}

IC_INLINE void dx_part(const struct backward *b, struct ic_batchnorm_part part,
                       enum ic_type type)
{
    size_t c = part.channel;

    for (; c + LANES <= part.end; c += LANES)
        dx_block(b, part, c, LANES, type);
    if (c < part.end)
        dx_block(b, part, c, part.end - c, type);
}

/* LCOV_EXCL_BR_STOP */

static IC_TARGET_CLONES void dx_chunk(const void *args, size_t index, int thread)
{
    const struct backward *const b = args;
    const struct ic_batchnorm_part part = ic_batchnorm_part_of(b->bn, index);

    if (b->bn->type == IC_TYPE_BF16)
        dx_part(b, part, IC_TYPE_BF16);
    else
        dx_part(b, part, IC_TYPE_FP32);
}

/* --- the entry -------------------------------------------------------------------- */

void ic_cpu_batchnorm_backward(struct ic_device *device, void *dx, void *dresidual,
                               float *dweight, float *dbias, const void *dy,
                               const void *x, const void *y, const float *weight,
                               const float *bias, const float *saved_mean,
                               const float *saved_invstd, void *workspace,
                               const struct ic_batchnorm *bn, bool add_residual)
{
    struct backward b = {.dx = dx,
                         .dresidual = add_residual ? NULL : dresidual,
                         .dweight = dweight,
                         .dbias = dbias,
                         .dy = dy,
                         .x = x,
                         .y = y,
                         .mask = !bn->relu   ? MASK_NONE
                                 : y != NULL ? MASK_OF_Y
                                             : MASK_OF_X,
                         .weight = weight,
                         .bias = bias,
                         .mean = saved_mean,
                         .invstd = saved_invstd,
                         .workspace = workspace,
                         .bn = bn};

    assert(!(add_residual && dresidual == dy) && (dx != NULL || dresidual == NULL));
    assert(b.mask != MASK_OF_X || dresidual == NULL);
    ic_cpu_run(device, ic_batchnorm_tasks(bn), sum_chunk, &b);
    ic_cpu_run(device, ic_parts((size_t)bn->channels, FINISH), finish_sums, &b);
    if (dx == NULL)
        return;
    if (dresidual != NULL && !add_residual) { /* it holds g now */
        b.dy = dresidual;
        b.mask = MASK_NONE;
        b.dresidual = NULL;
    } else {
        b.dresidual = dresidual;
    }
    ic_cpu_run(device, ic_batchnorm_tasks(bn), dx_chunk, &b);
}
