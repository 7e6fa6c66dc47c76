/* SPDX-License-Identifier: MIT */
/*
 * Kernels of the reference backend, convolution and batch norm; reference.c has the
 * others, and the table. Each finds the doubles of its arrays, hands them to its loops
 * (loops.c, which has all the arithmetic), and rounds the results to floats.
 */
#include <assert.h>
#include <string.h>

#include "backend/reference/loops.h"
#include "backend/reference/reference.h"

/* --- convolution ------------------------------------------------------------------ */

/* The loops are one way to convolve, the plainest form of `direct`. */
bool ic_reference_conv2d_has(enum ic_conv_algorithm algorithm)
{
    return algorithm == IC_CONV_AUTO || algorithm == IC_CONV_DIRECT;
}

enum ic_conv_algorithm ic_reference_conv2d_algorithm(const struct ic_conv *v,
                                                     bool folded)
{
    return IC_CONV_DIRECT;
}

size_t ic_reference_conv2d_workspace(struct ic_device *device, const struct ic_conv *v,
                                     bool training)
{
    return 0;
}

void ic_reference_conv2d_forward(struct ic_device *device, void *y, const void *x,
                                 const float *weight, void *workspace,
                                 const struct ic_conv *v)
{
    assert(v->type == IC_TYPE_FP32);
    ic_loops_conv2d_forward(v, ic_reference_values(y), ic_reference_values(x),
                            ic_reference_values(weight));
    ic_reference_finish(y, ic_reference_elements(v->batch, v->out_height, v->out_width,
                                                 v->out_channels));
}

void ic_reference_conv2d_backward_input(struct ic_device *device, void *dx,
                                        const void *dy, const float *weight,
                                        void *workspace, const struct ic_conv *v,
                                        bool accumulate)
{
    ic_loops_conv2d_backward_input(v, ic_reference_values(dx), ic_reference_values(dy),
                                   ic_reference_values(weight), accumulate);
    ic_reference_finish(
        dx, ic_reference_elements(v->batch, v->in_height, v->in_width, v->in_channels));
}

static size_t weights_of(const struct ic_conv *v)
{
    return ic_reference_elements(v->out_channels, v->kernel, v->kernel, v->in_channels);
}

void ic_reference_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                         const void *dy, const void *x, void *workspace,
                                         const struct ic_conv *v)
{
    ic_loops_conv2d_backward_weight(v, ic_reference_values(dweight),
                                    ic_reference_values(dy), ic_reference_values(x));
    ic_reference_finish(dweight, weights_of(v));
}

/* --- convolution with the batch norm folded in: weights, and behind them biases ----
 */

static size_t folded_count(const struct ic_conv *v)
{
    return weights_of(v) + (size_t)v->out_channels;
}

size_t ic_reference_conv2d_folded_bytes(struct ic_device *device,
                                        const struct ic_conv *v)
{
    return folded_count(v) * sizeof(float);
}

size_t ic_reference_conv2d_folded_workspace(struct ic_device *device,
                                            const struct ic_conv *v)
{
    return 0;
}

void ic_reference_conv2d_fold(struct ic_device *device, void *folded,
                              const float *weight, const struct ic_running_norm *norm,
                              const struct ic_conv *v)
{
    double *const scaled = ic_reference_values(folded);

    ic_loops_conv2d_fold(v->out_channels, v->kernel * v->kernel * v->in_channels,
                         ic_reference_values(folded), scaled + weights_of(v),
                         ic_reference_values(weight), ic_reference_values(norm->weight),
                         ic_reference_values(norm->bias),
                         ic_reference_values(norm->mean),
                         ic_reference_values(norm->var), norm->epsilon);
    ic_reference_finish(folded, folded_count(v));
}

void ic_reference_conv2d_forward_folded(struct ic_device *device, void *y,
                                        const void *x, const void *residual,
                                        const void *folded, void *workspace,
                                        const struct ic_conv *v, bool relu)
{
    const double *const scaled = ic_reference_values(folded);

    ic_loops_conv2d_forward_folded(v, ic_reference_values(y), ic_reference_values(x),
                                   ic_reference_values(residual),
                                   ic_reference_values(folded), scaled + weights_of(v),
                                   relu);
    ic_reference_finish(y, ic_reference_elements(v->batch, v->out_height, v->out_width,
                                                 v->out_channels));
}

/* --- batch normalisation ---------------------------------------------------------- */

size_t ic_reference_batchnorm_workspace(struct ic_device *device,
                                        const struct ic_batchnorm *bn)
{
    return 0;
}

/* By the statistics of a batch, or by the running ones. */
void ic_reference_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                      const float *weight, const float *bias,
                                      const float *saved_mean,
                                      const float *saved_invstd,
                                      const struct ic_batchnorm *bn)
{
    ic_loops_batchnorm_forward(bn, ic_reference_values(y), ic_reference_values(x), NULL,
                               ic_reference_values(weight), ic_reference_values(bias),
                               ic_reference_values(saved_mean),
                               ic_reference_values(saved_invstd), NULL);
    ic_reference_finish(y, bn->rows * (size_t)bn->channels);
}

void ic_reference_batchnorm_forward_eval(struct ic_device *device, void *y,
                                         const void *x, const void *residual,
                                         const float *weight, const float *bias,
                                         const float *running_mean,
                                         const float *running_var,
                                         const struct ic_batchnorm *bn)
{
    ic_loops_batchnorm_forward(bn, ic_reference_values(y), ic_reference_values(x),
                               ic_reference_values(residual),
                               ic_reference_values(weight), ic_reference_values(bias),
                               ic_reference_values(running_mean), NULL,
                               ic_reference_values(running_var));
    ic_reference_finish(y, bn->rows * (size_t)bn->channels);
}

void ic_reference_batchnorm_forward_train(struct ic_device *device, void *y,
                                          float *saved_mean, float *saved_invstd,
                                          double *batch_mean, double *batch_var,
                                          const void *x, const void *residual,
                                          const float *weight, const float *bias,
                                          void *workspace,
                                          const struct ic_batchnorm *bn)
{
    const size_t channels = (size_t)bn->channels;
    double *const mean = ic_reference_values(saved_mean);

    assert(bn->type == IC_TYPE_FP32);
    ic_loops_batchnorm_statistics(bn, mean, ic_reference_values(saved_invstd),
                                  batch_var, ic_reference_values(x));
    memcpy(batch_mean, mean, channels * sizeof *mean);
    ic_reference_finish(saved_mean, channels);
    ic_reference_finish(saved_invstd, channels);
    ic_loops_batchnorm_forward(bn, ic_reference_values(y), ic_reference_values(x),
                               ic_reference_values(residual),
                               ic_reference_values(weight), ic_reference_values(bias),
                               mean, ic_reference_values(saved_invstd), NULL);
    ic_reference_finish(y, bn->rows * channels);
}

void ic_reference_batchnorm_move(struct ic_device *device, float *running,
                                 const double *batch, float momentum, size_t count)
{
    ic_loops_batchnorm_move(count, ic_reference_values(running), batch, momentum);
    ic_reference_finish(running, count);
}

void ic_reference_batchnorm_backward(struct ic_device *device, void *dx,
                                     void *dresidual, float *dweight, float *dbias,
                                     const void *dy, const void *x, const void *y,
                                     const float *weight, const float *bias,
                                     const float *saved_mean, const float *saved_invstd,
                                     void *workspace, const struct ic_batchnorm *bn,
                                     bool add_residual)
{
    const size_t channels = (size_t)bn->channels;

    ic_loops_batchnorm_backward(
        bn, ic_reference_values(dx), ic_reference_values(dresidual),
        ic_reference_values(dweight), ic_reference_values(dbias),
        ic_reference_values(dy), ic_reference_values(x), ic_reference_values(y),
        ic_reference_values(weight), ic_reference_values(bias),
        ic_reference_values(saved_mean), ic_reference_values(saved_invstd),
        add_residual);
    ic_reference_finish(dx, bn->rows * channels);
    ic_reference_finish(dresidual, bn->rows * channels);
    ic_reference_finish(dweight, channels);
    ic_reference_finish(dbias, channels);
}
