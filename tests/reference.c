/* SPDX-License-Identifier: MIT */
/*
 * Expected values by the reference backend; see reference.h. Each function lends the
 * backend its arrays, runs a kernel, and takes the doubles of the results.
 */
#include "reference.h"

#include <stdlib.h>
#include <string.h>

#include "backend/reference/reference.h"
#include "check.h"

static const struct ic_backend *const reference = &ic_reference_backend;

/* The arrays of one function, which are freed with `give_back`. */
struct loan {
    void *arrays[16];
    int count;
};

static void *lend_bytes(struct loan *loan, const void *host, size_t bytes)
{
    void **const array = &loan->arrays[loan->count++];
    struct ic_error error;

    if (reference->alloc(NULL, bytes, array, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    if (host != NULL)
        reference->upload(NULL, *array, host, bytes);
    return *array;
}

/* An array of floats, for results where `host` is NULL. */
static float *lend(struct loan *loan, const float *host, size_t count)
{
    return lend_bytes(loan, host, count * sizeof *host);
}

/* An array of floats whose doubles are these. */
static float *lend_doubles(struct loan *loan, const double *host, size_t count)
{
    float *const array = lend(loan, NULL, count);

    memcpy(ic_reference_values(array), host, count * sizeof *host);
    return array;
}

static void take(double *to, const float *array, size_t count)
{
    memcpy(to, ic_reference_values(array), count * sizeof *to);
}

static void give_back(struct loan *loan)
{
    while (loan->count > 0)
        reference->release(NULL, loan->arrays[--loan->count]);
}

/* --- convolution ------------------------------------------------------------------ */

struct conv_sizes conv_sizes_of(const struct ic_conv *v)
{
    const size_t batch = (size_t)v->batch, kernel = (size_t)v->kernel;
    const size_t in = (size_t)v->in_channels, out = (size_t)v->out_channels;

    return (struct conv_sizes){batch * (size_t)v->in_height * (size_t)v->in_width * in,
                               batch * (size_t)v->out_height * (size_t)v->out_width *
                                   out,
                               out * kernel * kernel * in};
}

void reference_conv_forward(double *y, const float *x, const float *weight,
                            const struct ic_conv *conv)
{
    const struct conv_sizes n = conv_sizes_of(conv);
    struct ic_conv v = *conv;
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, n.y);

    v.type = IC_TYPE_FP32;
    reference->conv2d_forward(NULL, array, lend(&loan, x, n.x),
                              lend(&loan, weight, n.weight), NULL, &v);
    take(y, array, n.y);
    give_back(&loan);
}

void reference_conv_backward_input(double *dx, const float *dy, const float *weight,
                                   const struct ic_conv *conv)
{
    const struct conv_sizes n = conv_sizes_of(conv);
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, n.x);

    reference->conv2d_backward_input(NULL, array, lend(&loan, dy, n.y),
                                     lend(&loan, weight, n.weight), NULL, conv, false);
    take(dx, array, n.x);
    give_back(&loan);
}

void reference_conv_backward_weight(double *dweight, const float *dy, const float *x,
                                    const struct ic_conv *conv)
{
    const struct conv_sizes n = conv_sizes_of(conv);
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, n.weight);

    reference->conv2d_backward_weight(NULL, array, lend(&loan, dy, n.y),
                                      lend(&loan, x, n.x), NULL, conv);
    take(dweight, array, n.weight);
    give_back(&loan);
}

/* --- batch normalisation ---------------------------------------------------------- */

/* What a training pass forward saves of x. */
struct saved {
    float *mean, *invstd;
    double *batch_mean, *batch_var;
};

static struct saved save(struct loan *loan, const float *x, const float *weight,
                         const struct ic_batchnorm *bn)
{
    const size_t channels = (size_t)bn->channels;
    const struct saved s = {lend(loan, NULL, channels), lend(loan, NULL, channels),
                            lend_bytes(loan, NULL, channels * sizeof(double)),
                            lend_bytes(loan, NULL, channels * sizeof(double))};
    float *const y = lend(loan, NULL, bn->rows * channels);

    reference->batchnorm_forward_train(NULL, y, s.mean, s.invstd, s.batch_mean,
                                       s.batch_var, x, NULL, weight, weight, NULL, bn);
    return s;
}

void reference_moments(double *mean, double *variance, const float *x, size_t rows,
                       int channels)
{
    const struct ic_batchnorm bn = {
        .rows = rows, .channels = channels, .epsilon = 1e-5f};
    const size_t count = rows * (size_t)channels;
    struct loan loan = {0};
    const float *const any = lend(&loan, NULL, (size_t)channels);
    const struct saved s = save(&loan, lend(&loan, x, count), any, &bn);

    for (int c = 0; c < channels; c++) {
        mean[c] = s.batch_mean[c];
        variance[c] = s.batch_var[c] * (double)(rows > 1 ? rows - 1 : 1) / (double)rows;
    }
    give_back(&loan);
}

void reference_batchnorm_forward(double *y, const float *x, const float *residual,
                                 const float *weight, const float *bias,
                                 const double *mean, const double *variance,
                                 const struct ic_batchnorm *batchnorm)
{
    struct ic_batchnorm bn = *batchnorm;
    const size_t channels = (size_t)bn.channels, count = bn.rows * channels;
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, count);

    bn.type = IC_TYPE_FP32;
    reference->batchnorm_forward_eval(
        NULL, array, lend(&loan, x, count),
        residual != NULL ? lend(&loan, residual, count) : NULL,
        lend(&loan, weight, channels), lend(&loan, bias, channels),
        lend_doubles(&loan, mean, channels), lend_doubles(&loan, variance, channels),
        &bn);
    take(y, array, count);
    give_back(&loan);
}

void reference_batchnorm_backward(double *dx, double *dresidual, double *dweight,
                                  double *dbias, const float *dy, const float *x,
                                  const bool *open, const float *weight,
                                  const struct ic_batchnorm *batchnorm)
{
    struct ic_batchnorm bn = *batchnorm;
    const size_t channels = (size_t)bn.channels, count = bn.rows * channels;
    struct loan loan = {0};
    float *const d_dx = lend(&loan, NULL, count), *const d_res =
                                                      lend(&loan, NULL, count);
    float *const d_dweight = lend(&loan, NULL, channels);
    float *const d_dbias = lend(&loan, NULL, channels);
    float *const y = lend(&loan, NULL, count); /* above 0 where the ReLU is open */
    const float *const d_x = lend(&loan, x, count);
    const float *const d_weight = lend(&loan, weight, channels);
    struct saved s;

    bn.type = IC_TYPE_FP32;
    s = save(&loan, d_x, d_weight, &bn);
    bn.relu = true;
    for (size_t i = 0; i < count; i++)
        ((double *)ic_reference_values(y))[i] = open[i];
    reference->batchnorm_backward(NULL, d_dx, d_res, d_dweight, d_dbias,
                                  lend(&loan, dy, count), d_x, y, d_weight, d_weight,
                                  s.mean, s.invstd, NULL, &bn, false);
    take(dx, d_dx, count);
    take(dresidual, d_res, count);
    take(dweight, d_dweight, channels);
    take(dbias, d_dbias, channels);
    give_back(&loan);
}

/* --- max pooling ------------------------------------------------------------------ */

static size_t pooled(const struct ic_pool *p)
{
    return (size_t)p->batch * (size_t)p->out_height * (size_t)p->out_width *
           (size_t)p->channels;
}

static size_t unpooled(const struct ic_pool *p)
{
    return (size_t)p->batch * (size_t)p->in_height * (size_t)p->in_width *
           (size_t)p->channels;
}

void reference_maxpool_forward(double *y, uint8_t *place, const float *x,
                               const struct ic_pool *pool)
{
    const size_t count = pooled(pool);
    struct ic_pool p = *pool;
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, count);
    uint8_t *const places = lend_bytes(&loan, NULL, count);

    p.type = IC_TYPE_FP32;
    reference->maxpool_forward(NULL, array, places, lend(&loan, x, unpooled(&p)), &p);
    take(y, array, count);
    memcpy(place, places, count);
    give_back(&loan);
}

void reference_maxpool_backward(double *dx, const float *dy, const uint8_t *place,
                                const struct ic_pool *pool)
{
    const size_t count = pooled(pool);
    struct loan loan = {0};
    float *const array = lend(&loan, NULL, unpooled(pool));

    reference->maxpool_backward(NULL, array, lend(&loan, dy, count),
                                lend_bytes(&loan, place, count), pool, false);
    take(dx, array, unpooled(pool));
    give_back(&loan);
}

/* --- cross-entropy ---------------------------------------------------------------- */

void reference_cross_entropy(double *loss, double *dlogits, const float *logits,
                             const int32_t *labels, const int32_t *other_labels,
                             const float *share, const float *class_weight,
                             const struct ic_cross_entropy *shape)
{
    const size_t batch = (size_t)shape->batch, classes = (size_t)shape->classes;
    const size_t bytes = batch * sizeof *labels;
    struct loan loan = {0};
    float *const d_loss = lend(&loan, NULL, batch);
    float *const d_dlogits = lend(&loan, NULL, batch * classes);

    reference->cross_entropy(
        NULL, d_loss, d_dlogits, lend(&loan, logits, batch * classes),
        lend_bytes(&loan, labels, bytes),
        share != NULL ? lend_bytes(&loan, other_labels, bytes) : NULL,
        share != NULL ? lend(&loan, share, batch) : NULL,
        class_weight != NULL ? lend(&loan, class_weight, classes) : NULL, shape);
    take(loss, d_loss, batch);
    take(dlogits, d_dlogits, batch * classes);
    give_back(&loan);
}
