/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of a whole training step as the loops of its formulas, in double
 * precision, in the order in which a batch walks through a network: pictures,
 * convolution, batch norm, ReLU, pools, dropout, linear, loss, optimisers. The
 * gradients of a layer stand below it. No tiles, no threads, no BLAS, no memory of a
 * device: kernels.c calls these functions for the arrays of the backend's interface.
 *
 * The sizes (backend/shapes.h) come first, since the shapes of the arrays name them.
 * Indices are those of the formula: n picture, i row and j column of y, o and c the
 * channels of y and x. L is the loss, and d before a name its gradient: dx is dL/dx.
 * Where `accumulate` is true, a gradient is added to what dx has.
 */
#include "backend/reference/loops.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

/* --- pictures --------------------------------------------------------------------- */

/* (byte / 255 - mean) / std, of the channel c */
static double number_of(uint8_t byte, int c, const float mean[3], const float std[3])
{
    return (byte / 255.0 - mean[c]) / std[c];
}

/* x[n] = share[n] picture[n] + (1 - share[n]) other[n] (Zhang et al., "mixup: beyond
 * empirical risk minimization", ICLR 2018), or picture[n] where share is NULL */
void ic_loops_normalize(int batch, size_t pixels, double x[][pixels][3],
                        const uint8_t rgb[][pixels][3],
                        const uint8_t (*other)[pixels][3], const double *share,
                        const float mean[3], const float std[3])
{
    for (int n = 0; n < batch; n++)
        for (size_t p = 0; p < pixels; p++)
            for (int c = 0; c < 3; c++) {
                x[n][p][c] = number_of(rgb[n][p][c], c, mean, std);
                if (share != NULL)
                    x[n][p][c] =
                        share[n] * x[n][p][c] +
                        (1 - share[n]) * number_of(other[n][p][c], c, mean, std);
            }
}

/* --- convolution ------------------------------------------------------------------ *
 *
 * A convolution of a network is a cross-correlation (Goodfellow, Bengio, Courville,
 * "Deep Learning", 2016, section 9.1). With the arrays x[n][row][column][c] and
 * weight[o][r][s][c], where x outside the picture is 0:
 *
 *   y[n][i][j][o] = sum over r, s, c of
 *                   x[n][i stride + r - pad][j stride + s - pad][c] weight[o][r][s][c]
 *
 * So dL/dx and dL/dweight sum, over the same products, dL/dy times the other factor
 * (there, section 9.5). */

/* Whether a pixel of that row and column exists. */
static bool inside(const struct ic_conv *v, int row, int column)
{
    return row >= 0 && row < v->in_height && column >= 0 && column < v->in_width;
}

/* y[n][i][j][o] = the formula above */
void ic_loops_conv2d_forward(
    const struct ic_conv *v, double y[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels])
{
    for (int n = 0; n < v->batch; n++)
        for (int i = 0; i < v->out_height; i++)
            for (int j = 0; j < v->out_width; j++)
                for (int o = 0; o < v->out_channels; o++) {
                    double sum = 0;

                    for (int r = 0; r < v->kernel; r++)
                        for (int s = 0; s < v->kernel; s++) {
                            const int row = i * v->stride + r - v->pad;
                            const int column = j * v->stride + s - v->pad;

                            if (!inside(v, row, column))
                                continue;
                            for (int c = 0; c < v->in_channels; c++)
                                sum += x[n][row][column][c] * weight[o][r][s][c];
                        }
                    y[n][i][j][o] = sum;
                }
}

/* dx[n][row][column][c] = sum of dy[n][i][j][o] weight[o][r][s][c] over all o, r, s, i,
 * j with row = i stride + r - pad and column = j stride + s - pad */
void ic_loops_conv2d_backward_input(
    const struct ic_conv *v, double dx[][v->in_height][v->in_width][v->in_channels],
    const double dy[][v->out_height][v->out_width][v->out_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels], bool accumulate)
{
    if (!accumulate)
        memset(dx, 0, (size_t)v->batch * sizeof *dx);
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
}

/* dweight[o][r][s][c] = sum over n, i, j of
 *     dy[n][i][j][o] x[n][i stride + r - pad][j stride + s - pad][c] */
void ic_loops_conv2d_backward_weight(
    const struct ic_conv *v, double dweight[][v->kernel][v->kernel][v->in_channels],
    const double dy[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels])
{
    memset(dweight, 0, (size_t)v->out_channels * sizeof *dweight);
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
}

/* --- batch normalisation ---------------------------------------------------------- *
 *
 * Per channel c over the N rows of x (Ioffe and Szegedy, "Batch normalization", ICML
 * 2015, algorithm 1 and section 3):
 *
 *   mean = sum of x / N      var = sum of (x - mean)^2 / N
 *   xhat = (x - mean) invstd      invstd = 1 / sqrt(var + epsilon)
 *   y    = ReLU(xhat weight + bias + residual)
 *
 * with the ReLU and the residual of a ResNet's block where it has them. */

/* mean, invstd, and the unbiased variance of a batch; of one row, the biased one */
void ic_loops_batchnorm_statistics(const struct ic_batchnorm *bn, double *mean,
                                   double *invstd, double *unbiased,
                                   const double x[][bn->channels])
{
    const double N = (double)bn->rows;

    for (int c = 0; c < bn->channels; c++) {
        double sum = 0, squares = 0;

        for (size_t r = 0; r < bn->rows; r++)
            sum += x[r][c];
        mean[c] = sum / N;
        for (size_t r = 0; r < bn->rows; r++)
            squares += (x[r][c] - mean[c]) * (x[r][c] - mean[c]);
        invstd[c] = 1 / sqrt(squares / N + bn->epsilon);
        unbiased[c] = squares / (N > 1 ? N - 1 : 1);
    }
}

/* running = (1 - momentum) running + momentum batch */
void ic_loops_batchnorm_move(size_t count, double *running, const double *batch,
                             double momentum)
{
    for (size_t i = 0; i < count; i++)
        running[i] = (1 - momentum) * running[i] + momentum * batch[i];
}

/* xhat weight + bias: one function, so that both passes get the same bits. */
static double normalised(double x, double mean, double invstd, double weight,
                         double bias)
{
    return (x - mean) * invstd * weight + bias;
}

/* y from the statistics of a batch, or from the running ones: then invstd is NULL.
 * `residual` may be NULL. */
void ic_loops_batchnorm_forward(const struct ic_batchnorm *bn, double y[][bn->channels],
                                const double x[][bn->channels],
                                const double residual[][bn->channels],
                                const double *weight, const double *bias,
                                const double *mean, const double *invstd,
                                const double *var)
{
    for (int c = 0; c < bn->channels; c++) {
        const double inv = invstd != NULL ? invstd[c] : 1 / sqrt(var[c] + bn->epsilon);

        for (size_t r = 0; r < bn->rows; r++) {
            double v = normalised(x[r][c], mean[c], inv, weight[c], bias[c]);

            if (residual != NULL)
                v += residual[r][c];
            y[r][c] = bn->relu && v < 0 ? 0 : v;
        }
    }
}

/* The paper's chain rule, step by step. With g = dy where the ReLU let y pass, else 0:
 *
 *   dbias = sum of g                    dweight = sum of g xhat
 *   dxhat = g weight                    dresidual = g
 *   dvar  = sum of dxhat (x - mean) (-1/2) invstd^3
 *   dmean = sum of dxhat (-invstd)      (dvar's part is 0: x - mean sums to 0)
 *   dx    = dxhat invstd + dvar 2 (x - mean) / N + dmean / N
 *
 * dx, dresidual and y may be NULL; without a residual x gives the ReLU's mask, too. */
void ic_loops_batchnorm_backward(const struct ic_batchnorm *bn,
                                 double dx[][bn->channels],
                                 double dresidual[][bn->channels], double *dweight,
                                 double *dbias, const double dy[][bn->channels],
                                 const double x[][bn->channels],
                                 const double y[][bn->channels], const double *weight,
                                 const double *bias, const double *mean,
                                 const double *invstd, bool add_residual)
{
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
}

/* --- convolution with the batch norm folded in ------------------------------------ *
 *
 * (conv(x) - mean) s + bias = conv'(x) + (bias - mean s), where s = weight of the norm
 * / sqrt(var + epsilon) and conv' has the weights times s (Jacob et al., "Quantization
 * and training of neural networks for efficient integer-arithmetic-only inference",
 * 2018, section 3.2). A weight[o] is `taps` numbers here. */

void ic_loops_conv2d_fold(int channels, int taps, double folded[][taps],
                          double *folded_bias, const double weight[][taps],
                          const double *gamma, const double *beta, const double *mean,
                          const double *var, double epsilon)
{
    for (int o = 0; o < channels; o++) {
        const double s = gamma[o] / sqrt(var[o] + epsilon);

        for (int t = 0; t < taps; t++)
            folded[o][t] = weight[o][t] * s;
        folded_bias[o] = beta[o] - mean[o] * s;
    }
}

/* y = conv'(x) + bias + residual, then ReLU; `residual` may be NULL. */
void ic_loops_conv2d_forward_folded(
    const struct ic_conv *v, double y[][v->out_height][v->out_width][v->out_channels],
    const double x[][v->in_height][v->in_width][v->in_channels],
    const double residual[][v->out_height][v->out_width][v->out_channels],
    const double weight[][v->kernel][v->kernel][v->in_channels], const double *bias,
    bool relu)
{
    ic_loops_conv2d_forward(v, y, x, weight);
    for (int n = 0; n < v->batch; n++)
        for (int i = 0; i < v->out_height; i++)
            for (int j = 0; j < v->out_width; j++)
                for (int o = 0; o < v->out_channels; o++) {
                    double *const sum = &y[n][i][j][o];

                    *sum += bias[o] + (residual != NULL ? residual[n][i][j][o] : 0);
                    if (relu && *sum < 0)
                        *sum = 0;
                }
}

/* --- ReLU, and what has no layer of its own --------------------------------------- */

/* y = max(x, 0); NaN stays (Nair and Hinton, "Rectified linear units improve restricted
 * Boltzmann machines", ICML 2010) */
void ic_loops_relu_forward(size_t count, double *y, const double *x)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

/* dx = dy where y > 0, else 0 */
void ic_loops_relu_backward(size_t count, double *dx, const double *dy, const double *y,
                            bool accumulate)
{
    for (size_t i = 0; i < count; i++)
        dx[i] = (accumulate ? dx[i] : 0) + (y[i] > 0 ? dy[i] : 0);
}

void ic_loops_fill(size_t count, double *x, double value)
{
    for (size_t i = 0; i < count; i++)
        x[i] = value;
}

void ic_loops_add(size_t count, double *sum, const double *x)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

/* --- max pooling ------------------------------------------------------------------ *
 *
 * y[n][i][j][c] = max over r, s of x[n][i stride + r - pad][j stride + s - pad][c] over
 * the pixels that exist. `place` is r kernel + s of the first that has the maximum, and
 * the gradient of y goes to that pixel (Goodfellow, Bengio, Courville, "Deep Learning",
 * 2016, section 9.3). A NaN wins. */

static bool wins(double x, double best)
{
    return x > best || (isnan(x) && !isnan(best));
}

void ic_loops_maxpool_forward(const struct ic_pool *p,
                              double y[][p->out_height][p->out_width][p->channels],
                              uint8_t place[][p->out_height][p->out_width][p->channels],
                              const double x[][p->in_height][p->in_width][p->channels])
{
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
                        if (won < 0 || wins(x[n][row][column][c], y[n][i][j][c])) {
                            won = cell;
                            y[n][i][j][c] = x[n][row][column][c];
                        }
                    }
                    if (place != NULL)
                        place[n][i][j][c] = (uint8_t)won;
                }
}

void ic_loops_maxpool_backward(
    const struct ic_pool *p, double dx[][p->in_height][p->in_width][p->channels],
    const double dy[][p->out_height][p->out_width][p->channels],
    const uint8_t place[][p->out_height][p->out_width][p->channels], bool accumulate)
{
    if (!accumulate)
        memset(dx, 0, (size_t)p->batch * sizeof *dx);
    for (int n = 0; n < p->batch; n++)
        for (int i = 0; i < p->out_height; i++)
            for (int j = 0; j < p->out_width; j++)
                for (int c = 0; c < p->channels; c++) {
                    const int cell = place[n][i][j][c];
                    const int row = i * p->stride - p->pad + cell / p->kernel;
                    const int column = j * p->stride - p->pad + cell % p->kernel;

                    dx[n][row][column][c] += dy[n][i][j][c];
                }
}

/* --- pools over the P pixels of a picture ----------------------------------------- */

/* The sum over i of x[i][c] / P */
static double mean_of(const struct ic_globalpool *g, const double x[][g->channels],
                      int c)
{
    double sum = 0;

    for (int i = 0; i < g->pixels; i++)
        sum += x[i][c];
    return sum / g->pixels;
}

/* y[n][c] = sum over i of x[n][i][c] / P (Lin, Chen, Yan, "Network in network", ICLR
 * 2014, section 3.2) */
void ic_loops_avgpool_forward(const struct ic_globalpool *g, double y[][g->channels],
                              const double x[][g->pixels][g->channels])
{
    for (int n = 0; n < g->batch; n++)
        for (int c = 0; c < g->channels; c++)
            y[n][c] = mean_of(g, x[n], c);
}

/* dx[n][i][c] = dy[n][c] / P */
void ic_loops_avgpool_backward(const struct ic_globalpool *g,
                               double dx[][g->pixels][g->channels],
                               const double dy[][g->channels], bool accumulate)
{
    for (int n = 0; n < g->batch; n++)
        for (int i = 0; i < g->pixels; i++)
            for (int c = 0; c < g->channels; c++)
                dx[n][i][c] = (accumulate ? dx[n][i][c] : 0) + dy[n][c] / g->pixels;
}

/* y[n] = max over i of x[n][i][c], for all c, then the means: fastai's
 * AdaptiveConcatPool2d (Howard and Gugger, "fastai: a layered API for deep learning",
 * 2020) */
void ic_loops_concatpool_forward(const struct ic_globalpool *g,
                                 double y[][2][g->channels],
                                 int32_t place[][g->channels],
                                 const double x[][g->pixels][g->channels])
{
    for (int n = 0; n < g->batch; n++)
        for (int c = 0; c < g->channels; c++) {
            int won = 0;

            for (int i = 1; i < g->pixels; i++)
                if (wins(x[n][i][c], x[n][won][c]))
                    won = i;
            place[n][c] = won;
            y[n][0][c] = x[n][won][c];
            y[n][1][c] = mean_of(g, x[n], c);
        }
}

/* dx[n][i][c] = dmean[n][c] / P, and dmax[n][c] more for the pixel that won */
void ic_loops_concatpool_backward(const struct ic_globalpool *g,
                                  double dx[][g->pixels][g->channels],
                                  const double dy[][2][g->channels],
                                  const int32_t place[][g->channels], bool accumulate)
{
    for (int n = 0; n < g->batch; n++)
        for (int i = 0; i < g->pixels; i++)
            for (int c = 0; c < g->channels; c++)
                dx[n][i][c] = (accumulate ? dx[n][i][c] : 0) + dy[n][1][c] / g->pixels +
                              (place[n][c] == i ? dy[n][0][c] : 0);
}

/* --- dropout ---------------------------------------------------------------------- */

/* y[i] = 0 if the i-th random number u[i] < rate, else x[i] / (1 - rate) (Srivastava et
 * al., "Dropout", JMLR 2014). A call of the stream gives four numbers of 32 bits. */
void ic_loops_dropout(const struct ic_dropout *d, double *y, const double *x,
                      bool accumulate)
{
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
}

/* --- linear ----------------------------------------------------------------------- */

/* y[n][o] = bias[o] + sum over i of x[n][i] weight[o][i]; `bias` may be NULL. */
void ic_loops_linear_forward(const struct ic_linear *l, double y[][l->out_features],
                             const double x[][l->in_features],
                             const double weight[][l->in_features], const double *bias)
{
    for (int n = 0; n < l->batch; n++)
        for (int o = 0; o < l->out_features; o++) {
            y[n][o] = bias != NULL ? bias[o] : 0;
            for (int i = 0; i < l->in_features; i++)
                y[n][o] += x[n][i] * weight[o][i];
        }
}

/* dx[n][i] = sum over o of dy[n][o] weight[o][i] */
void ic_loops_linear_backward_input(const struct ic_linear *l,
                                    double dx[][l->in_features],
                                    const double dy[][l->out_features],
                                    const double weight[][l->in_features],
                                    bool accumulate)
{
    for (int n = 0; n < l->batch; n++)
        for (int i = 0; i < l->in_features; i++) {
            double sum = 0;

            for (int o = 0; o < l->out_features; o++)
                sum += dy[n][o] * weight[o][i];
            dx[n][i] = (accumulate ? dx[n][i] : 0) + sum;
        }
}

/* dweight[o][i] = sum over n of dy[n][o] x[n][i], dbias[o] = sum over n of dy[n][o];
 * either may be NULL. */
void ic_loops_linear_backward_weight(const struct ic_linear *l,
                                     double dweight[][l->in_features], double *dbias,
                                     const double dy[][l->out_features],
                                     const double x[][l->in_features])
{
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
}

/* --- cross-entropy ---------------------------------------------------------------- *
 *
 * With p = softmax(z), p[j] = exp(z[j]) / sum over k of exp(z[k]), and the smoothed
 * target t[j] = (1 - e) [j = label] + e / classes (Szegedy et al., "Rethinking the
 * Inception architecture", CVPR 2016, section 7):
 *
 *   loss = -sum over j of t[j] log p[j]      dloss/dz[j] = p[j] - t[j]
 *
 * (Goodfellow, Bengio, Courville, "Deep Learning", 2016, section 6.2.2.3). A mixed
 * picture has two labels, and each label's loss counts by its share and its weight. */

/* The largest z: exp(z - max) cannot overflow, and log p[j] = (z[j] - max) - log_sum.
 */
static double max_of(const double *z, int classes)
{
    double max = z[0];

    for (int k = 1; k < classes; k++)
        max = z[k] > max ? z[k] : max;
    return max;
}

/* log(sum over k of exp(z[k] - max)) */
static double log_sum_of(const double *z, double max, int classes)
{
    double sum = 0;

    for (int k = 0; k < classes; k++)
        sum += exp(z[k] - max);
    return log(sum);
}

/* dlogits, other, share and class_weight may be NULL. */
void ic_loops_cross_entropy(const struct ic_cross_entropy *s, double *loss,
                            double dlogits[][s->classes],
                            const double logits[][s->classes], const int32_t *labels,
                            const int32_t *other_labels, const double *share,
                            const double *class_weight)
{
    const int classes = s->classes;
    const double e = s->smoothing;

    for (int n = 0; n < s->batch; n++) {
        const int label = labels[n], other = share != NULL ? other_labels[n] : label;
        const double first = share != NULL ? share[n] : 1;
        const double a = first * (class_weight != NULL ? class_weight[label] : 1);
        const double b = (1 - first) * (class_weight != NULL ? class_weight[other] : 1);
        const double *const z = logits[n];
        const double max = max_of(z, classes), log_sum = log_sum_of(z, max, classes);

        assert(label >= 0 && label < classes && other >= 0 && other < classes);
        loss[n] = 0;
        for (int j = 0; j < classes; j++) {
            const double log_p = z[j] - max - log_sum;
            const double t = a * ((1 - e) * (j == label) + e / classes) +
                             b * ((1 - e) * (j == other) + e / classes);

            if (t != 0) /* 0 log 0 is 0 */
                loss[n] -= t * log_p;
            if (dlogits != NULL)
                dlogits[n][j] = ((a + b) * exp(log_p) - t) / s->whole;
        }
    }
}

/* --- optimisers ------------------------------------------------------------------- */

/* The square of the gradient's length, by which it is clipped. */
double ic_loops_sum_squares(size_t count, const double *x)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return sum;
}

/* p -= rate decay p, then, with g = factor dL/dp,
 * m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
 * p -= rate (m / correction1) / (sqrt(v / correction2) + epsilon)
 * (Kingma and Ba, "Adam", ICLR 2015, algorithm 1; Loshchilov and Hutter, "Decoupled
 * weight decay regularization", ICLR 2019, algorithm 2), for one span of parameters */
void ic_loops_adam_step(const struct ic_update_span *span, const struct ic_adam *adam,
                        double *p, double *m, double *v, const double *gradient)
{
    const double beta1 = adam->beta1, beta2 = adam->beta2;
    const double rate = span->rate, decay = span->weight_decay;

    for (size_t i = span->offset; i < span->offset + span->count; i++) {
        const double g = adam->factor * gradient[i];

        p[i] -= rate * decay * p[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        p[i] -= rate * (m[i] / adam->correction1) /
                (sqrt(v[i] / adam->correction2) + adam->epsilon);
    }
}

/* p -= rate decay p      m = momentum m + g      p -= rate m
 * (Sutskever et al., "On the importance of initialization and momentum in deep
 * learning", ICML 2013, section 2, in PyTorch's form) */
void ic_loops_sgd_step(const struct ic_update_span *span, const struct ic_sgd *sgd,
                       double *p, double *m, const double *gradient)
{
    const double rate = span->rate, decay = span->weight_decay;

    for (size_t i = span->offset; i < span->offset + span->count; i++) {
        p[i] -= rate * decay * p[i];
        m[i] = sgd->momentum * m[i] + sgd->factor * gradient[i];
        p[i] -= rate * m[i];
    }
}

/* mean += share (x - mean) (Polyak and Juditsky, "Acceleration of stochastic
 * approximation by averaging", 1992; here the exponential form) */
void ic_loops_average(size_t count, double *mean, const double *x, double share)
{
    for (size_t i = 0; i < count; i++)
        mean[i] += share * (x[i] - mean[i]);
}
