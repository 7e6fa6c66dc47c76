/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation (Ioffe and Szegedy, "Batch normalization", ICML 2015, algorithm 1
 * and section 3), per channel c over the N rows of x:
 *
 *   mean = sum of x / N      var = sum of (x - mean)^2 / N
 *   xhat = (x - mean) invstd      invstd = 1 / sqrt(var + epsilon)
 *   y    = ReLU(xhat weight + bias + residual)
 *
 * with the ReLU and the residual of a ResNet's block where it has them.
 */
#include <assert.h>
#include <math.h>

#include "backend/reference/reference.h"

static size_t count_of(const struct ic_batchnorm *bn)
{
    return bn->rows * (size_t)bn->channels;
}

/* xhat weight + bias: one function, so that all who need it get the same bits. */
static double normalised(double x, double mean, double invstd, double weight,
                         double bias)
{
    return (x - mean) * invstd * weight + bias;
}

size_t ic_reference_batchnorm_workspace(struct ic_device *device,
                                        const struct ic_batchnorm *bn)
{
    return 0;
}

/* y from given statistics: invstd, or var where that is NULL. `residual` may be NULL.
 */
static void normalise(void *y_, const void *x_, const void *residual_,
                      const float *weight_, const float *bias_, const float *mean_,
                      const float *invstd_, const float *var_,
                      const struct ic_batchnorm *bn)
{
    double(*const y)[bn->channels] = ic_reference_values(y_);
    const double(*const x)[bn->channels] = ic_reference_values(x_);
    const double(*const residual)[bn->channels] = ic_reference_values(residual_);
    const double *const weight = ic_reference_values(weight_);
    const double *const bias = ic_reference_values(bias_);
    const double *const mean = ic_reference_values(mean_);
    const double *const invstd = ic_reference_values(invstd_);
    const double *const var = ic_reference_values(var_);

    assert(bn->type == IC_TYPE_FP32);
    for (int c = 0; c < bn->channels; c++) {
        const double inv = invstd != NULL ? invstd[c] : 1 / sqrt(var[c] + bn->epsilon);

        for (size_t r = 0; r < bn->rows; r++) {
            double v = normalised(x[r][c], mean[c], inv, weight[c], bias[c]);

            if (residual != NULL)
                v += residual[r][c];
            y[r][c] = bn->relu && v < 0 ? 0 : v;
        }
    }
    ic_reference_round(y_, count_of(bn));
}

void ic_reference_batchnorm_forward_train(struct ic_device *device, void *y,
                                          float *saved_mean, float *saved_invstd,
                                          double *batch_mean, double *batch_var,
                                          const void *x_, const void *residual,
                                          const float *weight, const float *bias,
                                          void *workspace,
                                          const struct ic_batchnorm *bn)
{
    const double(*const x)[bn->channels] = ic_reference_values(x_);
    double *const mean = ic_reference_values(saved_mean);
    double *const invstd = ic_reference_values(saved_invstd);
    const double N = (double)bn->rows;

    for (int c = 0; c < bn->channels; c++) {
        double sum = 0, squares = 0;

        for (size_t r = 0; r < bn->rows; r++)
            sum += x[r][c];
        mean[c] = sum / N;
        for (size_t r = 0; r < bn->rows; r++)
            squares += (x[r][c] - mean[c]) * (x[r][c] - mean[c]);
        invstd[c] = 1 / sqrt(squares / N + bn->epsilon);
        batch_mean[c] = mean[c];
        batch_var[c] = squares / (N > 1 ? N - 1 : 1);
    }
    ic_reference_round(saved_mean, (size_t)bn->channels);
    ic_reference_round(saved_invstd, (size_t)bn->channels);
    normalise(y, x_, residual, weight, bias, saved_mean, saved_invstd, NULL, bn);
}

/* running = (1 - momentum) running + momentum batch */
void ic_reference_batchnorm_move(struct ic_device *device, float *running_,
                                 const double *batch, float momentum_, size_t count)
{
    double *const running = ic_reference_values(running_);
    const double momentum = momentum_;

    for (size_t i = 0; i < count; i++)
        running[i] = (1 - momentum) * running[i] + momentum * batch[i];
    ic_reference_round(running_, count);
}

void ic_reference_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                      const float *weight, const float *bias,
                                      const float *saved_mean,
                                      const float *saved_invstd,
                                      const struct ic_batchnorm *bn)
{
    normalise(y, x, NULL, weight, bias, saved_mean, saved_invstd, NULL, bn);
}

/* y with the running statistics in place of the batch's */
void ic_reference_batchnorm_forward_eval(struct ic_device *device, void *y,
                                         const void *x, const void *residual,
                                         const float *weight, const float *bias,
                                         const float *running_mean,
                                         const float *running_var,
                                         const struct ic_batchnorm *bn)
{
    normalise(y, x, residual, weight, bias, running_mean, NULL, running_var, bn);
}

/* The paper's chain rule, step by step. With g = dy where the ReLU let y pass, else 0:
 *
 *   dbias = sum of g                    dweight = sum of g xhat
 *   dxhat = g weight                    dresidual = g
 *   dvar  = sum of dxhat (x - mean) (-1/2) invstd^3
 *   dmean = sum of dxhat (-invstd)      (dvar's part is 0: x - mean sums to 0)
 *   dx    = dxhat invstd + dvar 2 (x - mean) / N + dmean / N
 */
void ic_reference_batchnorm_backward(struct ic_device *device, void *dx_,
                                     void *dresidual_, float *dweight_, float *dbias_,
                                     const void *dy_, const void *x_, const void *y_,
                                     const float *weight_, const float *bias_,
                                     const float *saved_mean, const float *saved_invstd,
                                     void *workspace, const struct ic_batchnorm *bn,
                                     bool add_residual)
{
    double(*const dx)[bn->channels] = ic_reference_values(dx_);
    double(*const dresidual)[bn->channels] = ic_reference_values(dresidual_);
    double *const dweight = ic_reference_values(dweight_);
    double *const dbias = ic_reference_values(dbias_);
    const double(*const dy)[bn->channels] = ic_reference_values(dy_);
    const double(*const x)[bn->channels] = ic_reference_values(x_);
    const double(*const y)[bn->channels] = ic_reference_values(y_);
    const double *const weight = ic_reference_values(weight_);
    const double *const bias = ic_reference_values(bias_);
    const double *const mean = ic_reference_values(saved_mean);
    const double *const invstd = ic_reference_values(saved_invstd);
    const double N = (double)bn->rows;

    for (int c = 0; c < bn->channels; c++) {
        double dvar = 0, dmean = 0;

        dweight[c] = dbias[c] = 0;
        for (int pass = 0; pass < 2; pass++) /* the sums, then the arrays */
            for (size_t r = 0; r < bn->rows; r++) {
                const double difference = x[r][c] - mean[c];
                const double v = y != NULL ? y[r][c]
                                           : normalised(x[r][c], mean[c], invstd[c],
                                                        weight[c], bias[c]);
                const double g = !bn->relu || v > 0 ? dy[r][c] : 0;
                const double dxhat = g * weight[c];

                if (pass == 0) {
                    dbias[c] += g;
                    dweight[c] += g * difference * invstd[c];
                    dvar += dxhat * difference * -0.5 * pow(invstd[c], 3);
                    dmean -= dxhat * invstd[c];
                    continue;
                }
                if (dresidual != NULL)
                    dresidual[r][c] = (add_residual ? dresidual[r][c] : 0) + g;
                if (dx != NULL)
                    dx[r][c] =
                        dxhat * invstd[c] + dvar * 2 * difference / N + dmean / N;
            }
    }
    ic_reference_round(dx_, dx != NULL ? count_of(bn) : 0);
    ic_reference_round(dresidual_, dresidual != NULL ? count_of(bn) : 0);
    ic_reference_round(dweight_, (size_t)bn->channels);
    ic_reference_round(dbias_, (size_t)bn->channels);
}
