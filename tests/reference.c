/* SPDX-License-Identifier: MIT */
/*
 * Naive references in double precision; see reference.h.
 */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- convolution ------------------------------------------------------------------ */

/* Offsets of element (n, y, x, c) of NHWC and of (o, row, column, c) of OHWI arrays. */
static size_t at(int n, int y, int x, int c, int height, int width, int channels)
{
    return (((size_t)n * (size_t)height + (size_t)y) * (size_t)width + (size_t)x) *
               (size_t)channels +
           (size_t)c;
}

/* Calls visit once for each output y, tap and pixel that the tap meets. It gets the
 * offset of the pixel's first channel in x and the offset in the weights of `channels`
 * numbers. */
static void each_product(const struct ic_conv *v,
                         void (*visit)(void *data, size_t y, size_t x, size_t weight,
                                       size_t channels),
                         void *data)
{
    for (int n = 0; n < v->batch; n++)
        for (int oy = 0; oy < v->out_height; oy++)
            for (int ox = 0; ox < v->out_width; ox++)
                for (int o = 0; o < v->out_channels; o++)
                    for (int r = 0; r < v->kernel; r++)
                        for (int s = 0; s < v->kernel; s++) {
                            const int iy = oy * v->stride + r - v->pad;
                            const int ix = ox * v->stride + s - v->pad;

                            if (iy < 0 || iy >= v->in_height || ix < 0 ||
                                ix >= v->in_width)
                                continue;
                            visit(data,
                                  at(n, oy, ox, o, v->out_height, v->out_width,
                                     v->out_channels),
                                  at(n, iy, ix, 0, v->in_height, v->in_width,
                                     v->in_channels),
                                  at(o, r, s, 0, v->kernel, v->kernel, v->in_channels),
                                  (size_t)v->in_channels);
                        }
}

struct product {
    double *out;
    const float *a, *b;
};

static IC_TARGET_CLONES void add_to_y(void *data, size_t y, size_t x, size_t weight,
                                      size_t channels)
{
    const struct product *const p = data;
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t c = 0; c < channels; c++)
        sum += (double)p->a[x + c] * p->b[weight + c];
    p->out[y] += sum;
}

/* out[c] += factor * b[c] */
static IC_TARGET_CLONES void add_times(double *restrict out, double factor,
                                       const float *restrict b, size_t channels)
{
#pragma omp simd
    for (size_t c = 0; c < channels; c++)
        out[c] += factor * b[c];
}

static void add_to_dx(void *data, size_t y, size_t x, size_t weight, size_t channels)
{
    const struct product *const p = data;

    add_times(p->out + x, p->a[y], p->b + weight, channels);
}

static void add_to_dweight(void *data, size_t y, size_t x, size_t weight,
                           size_t channels)
{
    const struct product *const p = data;

    add_times(p->out + weight, p->a[y], p->b + x, channels);
}

void reference_conv_forward(double *y, const float *x, const float *weight,
                            const struct ic_conv *v)
{
    struct product p = {y, x, weight};

    memset(y, 0,
           sizeof *y *
               at(v->batch, 0, 0, 0, v->out_height, v->out_width, v->out_channels));
    each_product(v, add_to_y, &p);
}

void reference_conv_backward_input(double *dx, const float *dy, const float *weight,
                                   const struct ic_conv *v)
{
    struct product p = {dx, dy, weight};

    memset(dx, 0,
           sizeof *dx *
               at(v->batch, 0, 0, 0, v->in_height, v->in_width, v->in_channels));
    each_product(v, add_to_dx, &p);
}

void reference_conv_backward_weight(double *dweight, const float *dy, const float *x,
                                    const struct ic_conv *v)
{
    struct product p = {dweight, dy, x};

    memset(dweight, 0,
           sizeof *dweight *
               at(v->out_channels, 0, 0, 0, v->kernel, v->kernel, v->in_channels));
    each_product(v, add_to_dweight, &p);
}

/* --- batch normalisation ---------------------------------------------------------- */

void reference_moments(double *mean, double *variance, const float *x, size_t rows,
                       int channels)
{
    for (int c = 0; c < channels; c++) {
        double sum = 0, squares = 0;

        for (size_t r = 0; r < rows; r++)
            sum += x[r * (size_t)channels + (size_t)c];
        mean[c] = sum / (double)rows;
        for (size_t r = 0; r < rows; r++) {
            const double d = x[r * (size_t)channels + (size_t)c] - mean[c];

            squares += d * d;
        }
        variance[c] = squares / (double)rows;
    }
}

void reference_batchnorm_forward(double *y, const float *x, const float *residual,
                                 const float *weight, const float *bias,
                                 const double *mean, const double *variance,
                                 const struct ic_batchnorm *bn)
{
    for (size_t r = 0; r < bn->rows; r++)
        for (int c = 0; c < bn->channels; c++) {
            const size_t i = r * (size_t)bn->channels + (size_t)c;
            double v = (x[i] - mean[c]) / sqrt(variance[c] + bn->epsilon);

            v = v * weight[c] + bias[c];
            if (residual != NULL)
                v += residual[i];
            y[i] = bn->relu && v < 0 ? 0 : v;
        }
}

/* Applies the chain rule through the mean and the variance, without simplification:
 * dvar = sum dxhat (x - mean) (-1/2) (var + eps)^(-3/2), dmean = -sum dxhat / std (the
 * sum of x - mean is zero), dx = dxhat / std + dvar 2 (x - mean) / N + dmean / N. */
void reference_batchnorm_backward(double *dx, double *dresidual, double *dweight,
                                  double *dbias, const float *dy, const float *x,
                                  const bool *open, const float *weight,
                                  const struct ic_batchnorm *bn)
{
    const size_t channels = (size_t)bn->channels;
    const double rows = (double)bn->rows;

    for (size_t c = 0; c < channels; c++) {
        double mean = 0, var = 0, dvar = 0, dmean = 0, std;

        for (size_t r = 0; r < bn->rows; r++)
            mean += x[r * channels + c] / rows;
        for (size_t r = 0; r < bn->rows; r++)
            var += pow(x[r * channels + c] - mean, 2) / rows;
        std = sqrt(var + bn->epsilon);
        dweight[c] = dbias[c] = 0;
        for (size_t r = 0; r < bn->rows; r++) {
            const size_t i = r * channels + c;
            const double g = open[i] ? dy[i] : 0;

            dresidual[i] = g;
            dweight[c] += g * (x[i] - mean) / std;
            dbias[c] += g;
            dvar += g * weight[c] * (x[i] - mean) * -0.5 / (std * std * std);
            dmean -= g * weight[c] / std;
        }
        for (size_t r = 0; r < bn->rows; r++) {
            const size_t i = r * channels + c;

            dx[i] = dresidual[i] * weight[c] / std + dvar * 2 * (x[i] - mean) / rows +
                    dmean / rows;
        }
    }
}

/* --- max pooling ------------------------------------------------------------------ */

void reference_maxpool_forward(double *y, int *place, const float *x,
                               const struct ic_pool *p)
{
    for (int n = 0; n < p->batch; n++)
        for (int oy = 0; oy < p->out_height; oy++)
            for (int ox = 0; ox < p->out_width; ox++)
                for (int c = 0; c < p->channels; c++) {
                    const size_t o =
                        at(n, oy, ox, c, p->out_height, p->out_width, p->channels);
                    bool found = false;

                    for (int cell = 0; cell < p->kernel * p->kernel; cell++) {
                        const int iy = oy * p->stride - p->pad + cell / p->kernel;
                        const int ix = ox * p->stride - p->pad + cell % p->kernel;
                        double v;

                        if (iy < 0 || iy >= p->in_height || ix < 0 || ix >= p->in_width)
                            continue;
                        v = x[at(n, iy, ix, c, p->in_height, p->in_width, p->channels)];
                        if (found && !(v > y[o]))
                            continue;
                        found = true;
                        y[o] = v;
                        place[o] = cell;
                    }
                }
}

void reference_maxpool_backward(double *dx, const float *dy, const int *place,
                                const struct ic_pool *p)
{
    memset(dx, 0,
           sizeof *dx * at(p->batch, 0, 0, 0, p->in_height, p->in_width, p->channels));
    for (int n = 0; n < p->batch; n++)
        for (int oy = 0; oy < p->out_height; oy++)
            for (int ox = 0; ox < p->out_width; ox++)
                for (int c = 0; c < p->channels; c++) {
                    const size_t o =
                        at(n, oy, ox, c, p->out_height, p->out_width, p->channels);
                    const int iy = oy * p->stride - p->pad + place[o] / p->kernel;
                    const int ix = ox * p->stride - p->pad + place[o] % p->kernel;

                    dx[at(n, iy, ix, c, p->in_height, p->in_width, p->channels)] +=
                        dy[o];
                }
}

/* --- cross-entropy ---------------------------------------------------------------- */

/* The loss of one label, with its gradient, times `factor`. */
static void add_label(double *loss, double *d, const double *log_share, int label,
                      double factor, const struct ic_cross_entropy *shape)
{
    for (int j = 0; j < shape->classes; j++) {
        const double target = shape->smoothing / shape->classes +
                              (j == label ? 1 - (double)shape->smoothing : 0);

        *loss -= factor * target * log_share[j];
        d[j] += factor * (exp(log_share[j]) - target) / shape->whole;
    }
}

void reference_cross_entropy(double *loss, double *dlogits, const float *logits,
                             const int32_t *labels, const int32_t *other_labels,
                             const float *share, const float *class_weight,
                             const struct ic_cross_entropy *shape)
{
    const size_t classes = (size_t)shape->classes;
    double *log_share = calloc(classes, sizeof *log_share);

    if (log_share == NULL)
        exit(99);
    for (size_t n = 0; n < (size_t)shape->batch; n++) {
        const float *z = logits + n * classes;
        const double s = share ? share[n] : 1;
        double largest = -INFINITY, sum = 0;

        for (size_t j = 0; j < classes; j++)
            largest = z[j] > largest ? z[j] : largest;
        for (size_t j = 0; j < classes; j++)
            sum += exp(z[j] - largest);
        for (size_t j = 0; j < classes; j++) {
            log_share[j] = z[j] - largest - log(sum);
            dlogits[n * classes + j] = 0;
        }
        loss[n] = 0;
        add_label(&loss[n], dlogits + n * classes, log_share, labels[n],
                  s * (class_weight ? class_weight[labels[n]] : 1), shape);
        if (share)
            add_label(&loss[n], dlogits + n * classes, log_share, other_labels[n],
                      (1 - s) * (class_weight ? class_weight[other_labels[n]] : 1),
                      shape);
    }
    free(log_share);
}
