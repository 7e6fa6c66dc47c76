/* SPDX-License-Identifier: MIT */
/*
 * What the tests of kernels expect: the results of the reference backend
 * (src/backend/reference/), in double precision, from arrays on the host. It shares no
 * arithmetic with the other backends. That it is right itself, goldens of PyTorch
 * (test_reference.c), exact properties and central differences say, not these
 * functions. Shapes are as in backend/backend.h.
 */
#ifndef IC_TESTS_REFERENCE_H
#define IC_TESTS_REFERENCE_H

#include "backend/backend.h"

/* The numbers of a convolution's arrays. */
struct conv_sizes {
    size_t x, y, weight;
};

struct conv_sizes conv_sizes_of(const struct ic_conv *conv);

void reference_conv_forward(double *y, const float *x, const float *weight,
                            const struct ic_conv *conv);
void reference_conv_backward_input(double *dx, const float *dy, const float *weight,
                                   const struct ic_conv *conv);
void reference_conv_backward_weight(double *dweight, const float *dy, const float *x,
                                    const struct ic_conv *conv);

/* mean and the mean of squared differences, per channel */
void reference_moments(double *mean, double *variance, const float *x, size_t rows,
                       int channels);
/* y = relu((x - mean) / sqrt(variance + epsilon) * weight + bias + residual) */
void reference_batchnorm_forward(double *y, const float *x, const float *residual,
                                 const float *weight, const float *bias,
                                 const double *mean, const double *variance,
                                 const struct ic_batchnorm *bn);
/* The gradients of the training form; `open` says which outputs the ReLU let pass. */
void reference_batchnorm_backward(double *dx, double *dresidual, double *dweight,
                                  double *dbias, const float *dy, const float *x,
                                  const bool *open, const float *weight,
                                  const struct ic_batchnorm *bn);

void reference_maxpool_forward(double *y, uint8_t *place, const float *x,
                               const struct ic_pool *pool);
void reference_maxpool_backward(double *dx, const float *dy, const uint8_t *place,
                                const struct ic_pool *pool);

/* other_labels and share are NULL where no pictures are mixed, class_weight where all
 * classes count alike. */
void reference_cross_entropy(double *loss, double *dlogits, const float *logits,
                             const int32_t *labels, const int32_t *other_labels,
                             const float *share, const float *class_weight,
                             const struct ic_cross_entropy *shape);

#endif
