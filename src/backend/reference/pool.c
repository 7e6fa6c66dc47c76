/* SPDX-License-Identifier: MIT */
/*
 * Pools, ReLU and dropout.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "backend/reference/reference.h"
#include "base/random.h"

/* --- max pooling ------------------------------------------------------------------ *
 *
 * y[n][i][j][c] = max over r, s of x[n][i stride + r - pad][j stride + s - pad][c] over
 * the pixels that exist. `place` is r kernel + s of the first that has the maximum, and
 * the gradient of y goes to that pixel (Goodfellow, Bengio, Courville, "Deep Learning",
 * 2016, section 9.3). */

void ic_reference_maxpool_forward(struct ic_device *device, void *y_, uint8_t *place_,
                                  const void *x_, const struct ic_pool *p)
{
    double(*const y)[p->out_height][p->out_width][p->channels] =
        ic_reference_values(y_);
    const double(*const x)[p->in_height][p->in_width][p->channels] =
        ic_reference_values(x_);
    uint8_t(*const place)[p->out_height][p->out_width][p->channels] = (void *)place_;

    assert(p->type == IC_TYPE_FP32);
    for (int n = 0; n < p->batch; n++)
        for (int i = 0; i < p->out_height; i++)
            for (int j = 0; j < p->out_width; j++)
                for (int c = 0; c < p->channels; c++) {
                    int won = -1;

                    for (int cell = 0; cell < p->kernel * p->kernel; cell++) {
                        const int row = i * p->stride - p->pad + cell / p->kernel;
                        const int column = j * p->stride - p->pad + cell % p->kernel;

                        if (row < 0 || row >= p->in_height || column < 0 ||
                            column >= p->in_width)
                            continue;
                        if (won >= 0 && x[n][row][column][c] <= y[n][i][j][c])
                            continue;
                        if (won >= 0 && isnan(y[n][i][j][c]))
                            continue;
                        won = cell;
                        y[n][i][j][c] = x[n][row][column][c];
                    }
                    if (place != NULL)
                        place[n][i][j][c] = (uint8_t)won;
                }
    ic_reference_round(y_, (size_t)p->batch * (size_t)p->out_height *
                               (size_t)p->out_width * (size_t)p->channels);
}

void ic_reference_maxpool_backward(struct ic_device *device, void *dx_, const void *dy_,
                                   const uint8_t *place_, const struct ic_pool *p,
                                   bool accumulate)
{
    const size_t count = (size_t)p->batch * (size_t)p->in_height * (size_t)p->in_width *
                         (size_t)p->channels;
    double(*const dx)[p->in_height][p->in_width][p->channels] =
        ic_reference_values(dx_);
    const double(*const dy)[p->out_height][p->out_width][p->channels] =
        ic_reference_values(dy_);
    const uint8_t(*const place)[p->out_height][p->out_width][p->channels] =
        (const void *)place_;

    if (!accumulate)
        memset(dx, 0, count * sizeof(double));
    for (int n = 0; n < p->batch; n++)
        for (int i = 0; i < p->out_height; i++)
            for (int j = 0; j < p->out_width; j++)
                for (int c = 0; c < p->channels; c++) {
                    const int cell = place[n][i][j][c];
                    const int row = i * p->stride - p->pad + cell / p->kernel;
                    const int column = j * p->stride - p->pad + cell % p->kernel;

                    dx[n][row][column][c] += dy[n][i][j][c];
                }
    ic_reference_round(dx_, count);
}

/* --- pools over a whole picture --------------------------------------------------- */

/* The sum over a picture's pixels of channel c, divided by their number P. */
static double mean_of(const double *x_n, int c, const struct ic_globalpool *pool)
{
    const double(*const x)[pool->channels] = (const void *)x_n;
    double sum = 0;

    for (int i = 0; i < pool->pixels; i++)
        sum += x[i][c];
    return sum / pool->pixels;
}

/* y[n][c] = sum over i of x[n][i][c] / P (Lin, Chen, Yan, "Network in network", ICLR
 * 2014, section 3.2) */
void ic_reference_avgpool_forward(struct ic_device *device, float *y_, const void *x_,
                                  const struct ic_globalpool *pool)
{
    double(*const y)[pool->channels] = ic_reference_values(y_);
    const double(*const x)[pool->pixels][pool->channels] = ic_reference_values(x_);

    for (int n = 0; n < pool->batch; n++)
        for (int c = 0; c < pool->channels; c++)
            y[n][c] = mean_of(x[n][0], c, pool);
    ic_reference_round(y_, (size_t)pool->batch * (size_t)pool->channels);
}

/* dx[n][i][c] = dy[n][c] / P */
void ic_reference_avgpool_backward(struct ic_device *device, void *dx_,
                                   const float *dy_, const struct ic_globalpool *pool,
                                   bool accumulate)
{
    double(*const dx)[pool->pixels][pool->channels] = ic_reference_values(dx_);
    const double(*const dy)[pool->channels] = ic_reference_values(dy_);

    for (int n = 0; n < pool->batch; n++)
        for (int i = 0; i < pool->pixels; i++)
            for (int c = 0; c < pool->channels; c++)
                dx[n][i][c] = (accumulate ? dx[n][i][c] : 0) + dy[n][c] / pool->pixels;
    ic_reference_round(dx_, (size_t)pool->batch * (size_t)pool->pixels *
                                (size_t)pool->channels);
}

/* y[n] = max over i of x[n][i][c], for all c, then the means: fastai's
 * AdaptiveConcatPool2d (Howard and Gugger, "fastai: a layered API for deep learning",
 * 2020) */
void ic_reference_concatpool_forward(struct ic_device *device, float *y_,
                                     int32_t *place_, const void *x_,
                                     const struct ic_globalpool *pool)
{
    double(*const y)[2][pool->channels] = ic_reference_values(y_);
    const double(*const x)[pool->pixels][pool->channels] = ic_reference_values(x_);
    int32_t(*const place)[pool->channels] = (void *)place_;

    for (int n = 0; n < pool->batch; n++)
        for (int c = 0; c < pool->channels; c++) {
            int won = 0;

            for (int i = 1; i < pool->pixels; i++)
                if (x[n][i][c] > x[n][won][c] ||
                    (isnan(x[n][i][c]) && !isnan(x[n][won][c])))
                    won = i;
            place[n][c] = won;
            y[n][0][c] = x[n][won][c];
            y[n][1][c] = mean_of(x[n][0], c, pool);
        }
    ic_reference_round(y_, 2 * (size_t)pool->batch * (size_t)pool->channels);
}

/* dx[n][i][c] = dmean[n][c] / P, and dmax[n][c] more for the pixel that won */
void ic_reference_concatpool_backward(struct ic_device *device, void *dx_,
                                      const float *dy_, const int32_t *place_,
                                      const struct ic_globalpool *pool, bool accumulate)
{
    double(*const dx)[pool->pixels][pool->channels] = ic_reference_values(dx_);
    const double(*const dy)[2][pool->channels] = ic_reference_values(dy_);
    const int32_t(*const place)[pool->channels] = (const void *)place_;

    for (int n = 0; n < pool->batch; n++)
        for (int i = 0; i < pool->pixels; i++)
            for (int c = 0; c < pool->channels; c++)
                dx[n][i][c] = (accumulate ? dx[n][i][c] : 0) +
                              dy[n][1][c] / pool->pixels +
                              (place[n][c] == i ? dy[n][0][c] : 0);
    ic_reference_round(dx_, (size_t)pool->batch * (size_t)pool->pixels *
                                (size_t)pool->channels);
}

/* --- ReLU and dropout ------------------------------------------------------------- */

/* y = max(x, 0); NaN stays (Nair and Hinton, "Rectified linear units improve restricted
 * Boltzmann machines", ICML 2010) */
void ic_reference_relu_forward(struct ic_device *device, float *y_, const float *x_,
                               size_t count)
{
    double *const y = ic_reference_values(y_);
    const double *const x = ic_reference_values(x_);

    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
    ic_reference_round(y_, count);
}

/* dx = dy where y > 0, else 0 */
void ic_reference_relu_backward(struct ic_device *device, float *dx_, const float *dy_,
                                const float *y_, size_t count, bool accumulate)
{
    double *const dx = ic_reference_values(dx_);
    const double *const dy = ic_reference_values(dy_);
    const double *const y = ic_reference_values(y_);

    for (size_t i = 0; i < count; i++)
        dx[i] = (accumulate ? dx[i] : 0) + (y[i] > 0 ? dy[i] : 0);
    ic_reference_round(dx_, count);
}

/* y[i] = 0 if the i-th random number u[i] < rate, else x[i] / (1 - rate) (Srivastava et
 * al., "Dropout", JMLR 2014). A call of the stream gives four numbers of 32 bits. */
void ic_reference_dropout(struct ic_device *device, float *y_, const float *x_,
                          const struct ic_dropout *d, bool accumulate)
{
    double *const y = ic_reference_values(y_);
    const double *const x = ic_reference_values(x_);
    const double rate = d->rate;
    struct ic_random random;

    ic_random_init(&random, d->seed, IC_RANDOM_DROPOUT, d->step, d->layer);
    ic_random_skip(&random, (uint32_t)(d->first / 4));
    for (size_t i = 0; i < d->first % 4; i++)
        ic_random_u32(&random);
    for (size_t i = 0; i < d->count; i++) {
        const double u = ic_random_uniform(&random);

        y[i] = (accumulate ? y[i] : 0) + (u < rate ? 0 : x[i] / (1 - rate));
    }
    ic_reference_round(y_, d->count);
}
