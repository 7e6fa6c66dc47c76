/* SPDX-License-Identifier: MIT */
/*
 * Convolution and the linear layer.
 *
 * A convolution of a network is a cross-correlation (Goodfellow, Bengio, Courville,
 * "Deep Learning", 2016, section 9.1). With the arrays x[n][row][column][c] and
 * weight[o][r][s][c], where x outside the picture is 0:
 *
 *   y[n][i][j][o] = sum over r, s, c of
 *                   x[n][i stride + r - pad][j stride + s - pad][c] weight[o][r][s][c]
 *
 * So dL/dx and dL/dweight sum, over the same products, dL/dy times the other factor
 * (there, section 9.5).
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "backend/reference/reference.h"

/* Whether a pixel of that row and column exists. */
static bool inside(const struct ic_conv *v, int row, int column)
{
    return row >= 0 && row < v->in_height && column >= 0 && column < v->in_width;
}

static size_t pixels_in(const struct ic_conv *v)
{
    return (size_t)v->batch * (size_t)v->in_height * (size_t)v->in_width;
}

static size_t pixels_out(const struct ic_conv *v)
{
    return (size_t)v->batch * (size_t)v->out_height * (size_t)v->out_width;
}

static size_t weights_of(const struct ic_conv *v)
{
    return (size_t)v->out_channels * (size_t)v->kernel * (size_t)v->kernel *
           (size_t)v->in_channels;
}

/* The loops below are one way to convolve, the plainest form of `direct`. */
bool ic_reference_conv2d_has(enum ic_conv_algorithm algorithm)
{
    return algorithm == IC_CONV_AUTO || algorithm == IC_CONV_DIRECT;
}

enum ic_conv_algorithm ic_reference_conv2d_algorithm(const struct ic_conv *conv,
                                                     bool folded)
{
    return IC_CONV_DIRECT;
}

size_t ic_reference_conv2d_workspace(struct ic_device *device,
                                     const struct ic_conv *conv, bool training)
{
    return 0;
}

/* The sum of the formula for one element of y; x_n is the picture. */
static double element_of_y(const double *x_n, const double *weight_o, int i, int j,
                           const struct ic_conv *v)
{
    const double(*const x)[v->in_width][v->in_channels] = (const void *)x_n;
    const double(*const weight)[v->kernel][v->in_channels] = (const void *)weight_o;
    double sum = 0;

    for (int r = 0; r < v->kernel; r++)
        for (int s = 0; s < v->kernel; s++) {
            const int row = i * v->stride + r - v->pad;
            const int column = j * v->stride + s - v->pad;

            if (!inside(v, row, column))
                continue;
            for (int c = 0; c < v->in_channels; c++)
                sum += x[row][column][c] * weight[r][s][c];
        }
    return sum;
}

/* y[n][i][j][o] = the formula above */
void ic_reference_conv2d_forward(struct ic_device *device, void *y_, const void *x_,
                                 const float *weight_, void *workspace,
                                 const struct ic_conv *v)
{
    double(*const y)[v->out_height][v->out_width][v->out_channels] =
        ic_reference_values(y_);
    const double(*const x)[v->in_height][v->in_width][v->in_channels] =
        ic_reference_values(x_);
    const double(*const weight)[v->kernel][v->kernel][v->in_channels] =
        ic_reference_values(weight_);

    assert(v->type == IC_TYPE_FP32);
    for (int n = 0; n < v->batch; n++)
        for (int i = 0; i < v->out_height; i++)
            for (int j = 0; j < v->out_width; j++)
                for (int o = 0; o < v->out_channels; o++)
                    y[n][i][j][o] = element_of_y(x[n][0][0], weight[o][0][0], i, j, v);
    ic_reference_round(y_, pixels_out(v) * (size_t)v->out_channels);
}

/* dx[n][row][column][c] = sum of dy[n][i][j][o] weight[o][r][s][c] over all o, r, s, i,
 * j with row = i stride + r - pad and column = j stride + s - pad */
void ic_reference_conv2d_backward_input(struct ic_device *device, void *dx_,
                                        const void *dy_, const float *weight_,
                                        void *workspace, const struct ic_conv *v,
                                        bool accumulate)
{
    const size_t count = pixels_in(v) * (size_t)v->in_channels;
    double(*const dx)[v->in_height][v->in_width][v->in_channels] =
        ic_reference_values(dx_);
    const double(*const dy)[v->out_height][v->out_width][v->out_channels] =
        ic_reference_values(dy_);
    const double(*const weight)[v->kernel][v->kernel][v->in_channels] =
        ic_reference_values(weight_);

    if (!accumulate)
        memset(dx, 0, count * sizeof(double));
    for (int n = 0; n < v->batch; n++)
        for (int i = 0; i < v->out_height; i++)
            for (int j = 0; j < v->out_width; j++)
                for (int o = 0; o < v->out_channels; o++)
                    for (int r = 0; r < v->kernel; r++)
                        for (int s = 0; s < v->kernel; s++) {
                            const int row = i * v->stride + r - v->pad;
                            const int column = j * v->stride + s - v->pad;

                            if (!inside(v, row, column))
                                continue;
                            for (int c = 0; c < v->in_channels; c++)
                                dx[n][row][column][c] +=
                                    dy[n][i][j][o] * weight[o][r][s][c];
                        }
    ic_reference_round(dx_, count);
}

/* dweight[o][r][s][c] = sum over n, i, j of
 *     dy[n][i][j][o] x[n][i stride + r - pad][j stride + s - pad][c] */
void ic_reference_conv2d_backward_weight(struct ic_device *device, float *dweight_,
                                         const void *dy_, const void *x_,
                                         void *workspace, const struct ic_conv *v)
{
    double(*const dweight)[v->kernel][v->kernel][v->in_channels] =
        ic_reference_values(dweight_);
    const double(*const dy)[v->out_height][v->out_width][v->out_channels] =
        ic_reference_values(dy_);
    const double(*const x)[v->in_height][v->in_width][v->in_channels] =
        ic_reference_values(x_);

    memset(dweight, 0, weights_of(v) * sizeof(double));
    for (int n = 0; n < v->batch; n++)
        for (int i = 0; i < v->out_height; i++)
            for (int j = 0; j < v->out_width; j++)
                for (int o = 0; o < v->out_channels; o++)
                    for (int r = 0; r < v->kernel; r++)
                        for (int s = 0; s < v->kernel; s++) {
                            const int row = i * v->stride + r - v->pad;
                            const int column = j * v->stride + s - v->pad;

                            if (!inside(v, row, column))
                                continue;
                            for (int c = 0; c < v->in_channels; c++)
                                dweight[o][r][s][c] +=
                                    dy[n][i][j][o] * x[n][row][column][c];
                        }
    ic_reference_round(dweight_, weights_of(v));
}

/* --- with the batch norm folded in ------------------------------------------------ *
 *
 * (conv(x) - mean) s + bias = conv'(x) + (bias - mean s), where s = weight of the norm
 * / sqrt(var + epsilon) and conv' has the weights times s (Jacob et al., "Quantization
 * and training of neural networks for efficient integer-arithmetic-only inference",
 * 2018, section 3.2). `folded` is the new weights, and behind them the new biases. */

size_t ic_reference_conv2d_folded_bytes(struct ic_device *device,
                                        const struct ic_conv *conv)
{
    return (weights_of(conv) + (size_t)conv->out_channels) * sizeof(float);
}

size_t ic_reference_conv2d_folded_workspace(struct ic_device *device,
                                            const struct ic_conv *conv)
{
    return 0;
}

void ic_reference_conv2d_fold(struct ic_device *device, void *folded,
                              const float *weight_, const struct ic_running_norm *norm,
                              const struct ic_conv *v)
{
    const size_t taps = weights_of(v) / (size_t)v->out_channels;
    const double *const gamma = ic_reference_values(norm->weight);
    const double *const beta = ic_reference_values(norm->bias);
    const double *const mean = ic_reference_values(norm->mean);
    const double *const var = ic_reference_values(norm->var);
    const double(*const weight)[taps] = ic_reference_values(weight_);
    double(*const scaled)[taps] = ic_reference_values(folded);
    double *const bias = scaled[v->out_channels];

    for (int o = 0; o < v->out_channels; o++) {
        const double s = gamma[o] / sqrt(var[o] + norm->epsilon);

        for (size_t t = 0; t < taps; t++)
            scaled[o][t] = weight[o][t] * s;
        bias[o] = beta[o] - mean[o] * s;
    }
    ic_reference_round(folded, weights_of(v) + (size_t)v->out_channels);
}

/* y = conv'(x) + bias + residual, then ReLU */
void ic_reference_conv2d_forward_folded(struct ic_device *device, void *y_,
                                        const void *x, const void *residual_,
                                        const void *folded, void *workspace,
                                        const struct ic_conv *v, bool relu)
{
    const size_t channels = (size_t)v->out_channels;
    const double *const bias = (double *)ic_reference_values(folded) + weights_of(v);
    const double(*const residual)[channels] = ic_reference_values(residual_);
    double(*const y)[channels] = ic_reference_values(y_);

    ic_reference_conv2d_forward(device, y_, x, folded, workspace, v);
    for (size_t p = 0; p < pixels_out(v); p++)
        for (size_t o = 0; o < channels; o++) {
            y[p][o] += bias[o] + (residual != NULL ? residual[p][o] : 0);
            if (relu && y[p][o] < 0)
                y[p][o] = 0;
        }
    ic_reference_round(y_, pixels_out(v) * channels);
}

/* --- linear ----------------------------------------------------------------------- */

size_t ic_reference_linear_workspace(struct ic_device *device,
                                     const struct ic_linear *linear, bool training)
{
    return 0;
}

/* y[n][o] = bias[o] + sum over i of x[n][i] weight[o][i] */
void ic_reference_linear_forward(struct ic_device *device, float *y_, const float *x_,
                                 const float *weight_, const float *bias_,
                                 void *workspace, const struct ic_linear *l)
{
    double(*const y)[l->out_features] = ic_reference_values(y_);
    const double(*const x)[l->in_features] = ic_reference_values(x_);
    const double(*const weight)[l->in_features] = ic_reference_values(weight_);
    const double *const bias = ic_reference_values(bias_);

    for (int n = 0; n < l->batch; n++)
        for (int o = 0; o < l->out_features; o++) {
            y[n][o] = bias != NULL ? bias[o] : 0;
            for (int i = 0; i < l->in_features; i++)
                y[n][o] += x[n][i] * weight[o][i];
        }
    ic_reference_round(y_, (size_t)l->batch * (size_t)l->out_features);
}

/* dx[n][i] = sum over o of dy[n][o] weight[o][i] */
void ic_reference_linear_backward_input(struct ic_device *device, float *dx_,
                                        const float *dy_, const float *weight_,
                                        void *workspace, const struct ic_linear *l,
                                        bool accumulate)
{
    double(*const dx)[l->in_features] = ic_reference_values(dx_);
    const double(*const dy)[l->out_features] = ic_reference_values(dy_);
    const double(*const weight)[l->in_features] = ic_reference_values(weight_);

    for (int n = 0; n < l->batch; n++)
        for (int i = 0; i < l->in_features; i++) {
            double sum = 0;

            for (int o = 0; o < l->out_features; o++)
                sum += dy[n][o] * weight[o][i];
            dx[n][i] = accumulate ? dx[n][i] + sum : sum;
        }
    ic_reference_round(dx_, (size_t)l->batch * (size_t)l->in_features);
}

/* dweight[o][i] = sum over n of dy[n][o] x[n][i], dbias[o] = sum over n of dy[n][o] */
void ic_reference_linear_backward_weight(struct ic_device *device, float *dweight_,
                                         float *dbias_, const float *dy_,
                                         const float *x_, void *workspace,
                                         const struct ic_linear *l)
{
    double(*const dweight)[l->in_features] = ic_reference_values(dweight_);
    double *const dbias = ic_reference_values(dbias_);
    const double(*const dy)[l->out_features] = ic_reference_values(dy_);
    const double(*const x)[l->in_features] = ic_reference_values(x_);
    const size_t outputs = (size_t)l->out_features;

    for (int o = 0; o < l->out_features && dweight != NULL; o++)
        for (int i = 0; i < l->in_features; i++) {
            dweight[o][i] = 0;
            for (int n = 0; n < l->batch; n++)
                dweight[o][i] += dy[n][o] * x[n][i];
        }
    for (int o = 0; o < l->out_features && dbias != NULL; o++) {
        dbias[o] = 0;
        for (int n = 0; n < l->batch; n++)
            dbias[o] += dy[n][o];
    }
    ic_reference_round(dweight_,
                       dweight != NULL ? outputs * (size_t)l->in_features : 0);
    ic_reference_round(dbias_, dbias != NULL ? outputs : 0);
}
