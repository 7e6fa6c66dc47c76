/*
 * Batch normalisation, backward. With g the gradient behind the ReLU's mask, xhat the
 * normalised x and N the number of rows:
 *
 *   dbias = sum g,   dweight = sum g xhat,   dresidual = g,
 *   dx = weight invstd (g - dbias / N - xhat dweight / N).
 *
 * Two passes: the sums, then dx. A dresidual that is written (not added to) is written
 * by the first pass, and the second reads it instead of dy and the mask.
 */
#include <assert.h>

#include "backend/bf16.h"
#include "backend/cpu/batchnorm.h"

enum { LANES = IC_BATCHNORM_LANES, FINISH = IC_BATCHNORM_FINISH };

struct backward {
    void *dx, *dresidual;
    float *dweight, *dbias;
    const void *dy, *x, *y; /* y: NULL when there is no mask (any more) */
    const float *weight, *mean, *invstd;
    void *workspace;
    const struct ic_batchnorm *bn;
};

/* --- the sums --------------------------------------------------------------------- */

/* Some rows of `lanes` channels. */
IC_INLINE void chunk_sums(double *first, double *second, void *dresidual,
                          const void *dy, const void *x, const void *y,
                          const float *mean, size_t rows, size_t stride, size_t lanes,
                          bool mask, bool write, enum ic_type type)
{
    float sum[LANES] = {0}, product[LANES] = {0}, centre[LANES];

    for (size_t c = 0; c < lanes; c++)
        centre[c] = mean[c];
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            const bool passes = !mask || ic_load(y, at + c, type) > 0;
            const float g = passes ? ic_load(dy, at + c, type) : 0;

            sum[c] += g;
            product[c] += g * (ic_load(x, at + c, type) - centre[c]);
            if (write)
                ic_store(dresidual, at + c, g, type);
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
    const size_t stride = (size_t)b->bn->channels, rows = part.rows;
    const size_t at = part.first * stride + channel;
    const struct ic_batchnorm_sums sums =
        ic_batchnorm_sums_of(b->workspace, b->bn, part.chunk);
    double *const first = sums.first + channel, *const second = sums.second + channel;
    const void *const y = b->y != NULL ? ic_const_element(b->y, at, type) : NULL;
    const void *const dy = ic_const_element(b->dy, at, type);
    const void *const x = ic_const_element(b->x, at, type);
    void *const dresidual =
        b->dresidual != NULL ? ic_element(b->dresidual, at, type) : NULL;
    const float *const mean = b->mean + channel;

    if (y != NULL && dresidual != NULL)
        chunk_sums(first, second, dresidual, dy, x, y, mean, rows, stride, lanes, true,
                   true, type);
    else if (y != NULL)
        chunk_sums(first, second, dresidual, dy, x, y, mean, rows, stride, lanes, true,
                   false, type);
    else if (dresidual != NULL)
        chunk_sums(first, second, dresidual, dy, x, y, mean, rows, stride, lanes, false,
                   true, type);
    else
        chunk_sums(first, second, dresidual, dy, x, y, mean, rows, stride, lanes, false,
                   false, type);
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

/* dx = scale g + slope (x - centre) + shift, for some rows of `lanes` channels. */
struct coefficients {
    float scale[LANES], slope[LANES], shift[LANES], centre[LANES];
};

IC_INLINE void chunk_dx(void *dx, void *dresidual, const void *dy, const void *x,
                        const void *y, const struct coefficients *k, size_t rows,
                        size_t stride, size_t lanes, bool mask, bool add,
                        enum ic_type type)
{
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * stride;

#pragma omp simd
        for (size_t c = 0; c < lanes; c++) {
            const bool passes = !mask || ic_load(y, at + c, type) > 0;
            const float g = passes ? ic_load(dy, at + c, type) : 0;
            const float d = ic_load(x, at + c, type) - k->centre[c];

            ic_store(dx, at + c, k->scale[c] * g + k->slope[c] * d + k->shift[c], type);
            if (add)
                ic_store(dresidual, at + c, ic_load(dresidual, at + c, type) + g, type);
        }
    }
}

IC_INLINE void dx_block(const struct backward *b, struct ic_batchnorm_part part,
                        size_t channel, size_t lanes, enum ic_type type)
{
    const size_t stride = (size_t)b->bn->channels, rows = part.rows;
    const size_t at = part.first * stride + channel;
    const void *const y = b->y != NULL ? ic_const_element(b->y, at, type) : NULL;
    const void *const dy = ic_const_element(b->dy, at, type);
    const void *const x = ic_const_element(b->x, at, type);
    void *const dresidual =
        b->dresidual != NULL ? ic_element(b->dresidual, at, type) : NULL;
    const double share = 1 / (double)b->bn->rows;
    const struct ic_batchnorm_sums all = ic_batchnorm_sums_of(b->workspace, b->bn, 0);
    void *const dx = ic_element(b->dx, at, type);
    struct coefficients k;

    for (size_t c = 0; c < lanes; c++) {
        const size_t j = channel + c;
        const double invstd = b->invstd[j], scale = b->weight[j] * invstd;

        k.scale[c] = (float)scale;
        k.slope[c] = (float)(-scale * invstd * invstd * all.second[j] * share);
        k.shift[c] = (float)(-scale * all.first[j] * share);
        k.centre[c] = b->mean[j];
    }
    if (y != NULL && dresidual != NULL)
        chunk_dx(dx, dresidual, dy, x, y, &k, rows, stride, lanes, true, true, type);
    else if (y != NULL)
        chunk_dx(dx, dresidual, dy, x, y, &k, rows, stride, lanes, true, false, type);
    else if (dresidual != NULL)
        chunk_dx(dx, dresidual, dy, x, y, &k, rows, stride, lanes, false, true, type);
    else
        chunk_dx(dx, dresidual, dy, x, y, &k, rows, stride, lanes, false, false, type);
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
                               const float *saved_mean, const float *saved_invstd,
                               void *workspace, const struct ic_batchnorm *bn,
                               bool add_residual)
{
    struct backward b = {.dx = dx,
                         .dresidual = add_residual ? NULL : dresidual,
                         .dweight = dweight,
                         .dbias = dbias,
                         .dy = dy,
                         .x = x,
                         .y = bn->relu ? y : NULL,
                         .weight = weight,
                         .mean = saved_mean,
                         .invstd = saved_invstd,
                         .workspace = workspace,
                         .bn = bn};

    assert(!(add_residual && dresidual == dy) && (dx != NULL || dresidual == NULL));
    ic_cpu_run(device, ic_batchnorm_tasks(bn), sum_chunk, &b);
    ic_cpu_run(device, ic_parts((size_t)bn->channels, FINISH), finish_sums, &b);
    if (dx == NULL)
        return;
    if (dresidual != NULL && !add_residual) { /* it holds g now */
        b.dy = dresidual;
        b.y = NULL;
        b.dresidual = NULL;
    } else {
        b.dresidual = dresidual;
    }
    ic_cpu_run(device, ic_batchnorm_tasks(bn), dx_chunk, &b);
}
