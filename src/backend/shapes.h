/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a backend's kernels other than arrays: sizes, and the few numbers of
 * a formula.
 */
#ifndef IC_BACKEND_SHAPES_H
#define IC_BACKEND_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The element type of an array of activations or of their gradients, which the shape
 * that comes with the array gives. All other arrays are fp32: weights, their gradients,
 * statistics, everything from the output of a global pool on, loss, optimiser. */
enum ic_type {
    IC_TYPE_FP32, /* fp32 */
    IC_TYPE_BF16, /* bfloat16: see bf16.h, which reads and writes both */
    IC_TYPES
};

static inline size_t ic_type_bytes(enum ic_type type)
{
    return type == IC_TYPE_BF16 ? 2 : 4;
}

/* Algorithms for convolutions. AUTO lets a rule on the shape decide, never a timing. */
enum ic_conv_algorithm {
    IC_CONV_AUTO,
    IC_CONV_IM2COL,   /* gather patches, then GEMM: the readable reference */
    IC_CONV_DIRECT,   /* sums in registers while walking through the picture */
    IC_CONV_WINOGRAD, /* F(4x4, 3x3): 3x3 with stride 1; others go direct */
    IC_CONV_AMX,      /* by tiles of bf16; fp32 goes direct */
    IC_CONV_CUDNN,    /* NVIDIA's library, which chooses a method for the shape */
    IC_CONV_ALGORITHMS
};

/* Their names, "im2col" and so on, in the enum's order; the list ends with NULL. */
extern const char *const ic_conv_algorithm_names[];

/* One of them; NULL past the last. */
const char *ic_conv_algorithm_name(enum ic_conv_algorithm algorithm);

/* Which numbers a device rounds. Sums are fp32 in any case, and so are weights and
 * their gradients, statistics, the head, loss, optimiser. */
enum ic_precision {
    IC_PRECISION_FP32, /* nothing: the reference */
    IC_PRECISION_TF32, /* the operands of products, to 10 bits of mantissa */
    IC_PRECISION_BF16, /* activations of the body: the graph's type is bf16 */
    IC_PRECISIONS
};

/* Their names, "fp32" and so on, in the enum's order; the list ends with NULL. */
extern const char *const ic_precision_names[];

/* One of them; NULL past the last. */
const char *ic_precision_name(enum ic_precision precision);

/* A square convolution (cross-correlation, as in every framework):
 * out = (in + 2 pad - kernel) / stride + 1 in both directions. */
struct ic_conv {
    int batch;
    int in_height, in_width, in_channels;
    int out_height, out_width, out_channels;
    int kernel, stride, pad;
    enum ic_conv_algorithm algorithm;
    enum ic_type type; /* of x, y and their gradients */
};

/* Batch normalisation over `rows` (pictures times pixels) of `channels`, then, as the
 * flags say, "+ residual" and ReLU, in one pass over memory. */
struct ic_batchnorm {
    size_t rows;
    int channels;
    enum ic_type type; /* of x, y, the residual and their gradients */
    bool relu;
    float epsilon; /* added to the variance */
};

/* A batch norm with its running statistics: (x - mean) / sqrt(var + epsilon) * weight
 * + bias. Device arrays, one value per channel. */
struct ic_running_norm {
    const float *weight, *bias, *mean, *var;
    float epsilon;
};

/* Max pooling. Padding never wins, and 2 pad <= kernel, so that each window has a
 * pixel. A NaN wins. */
struct ic_pool {
    int batch;
    int in_height, in_width, channels;
    int out_height, out_width;
    int kernel, stride, pad;
    enum ic_type type; /* of x, y and their gradients */
};

/* A pool over all pixels of each picture. */
struct ic_globalpool {
    int batch, pixels, channels;
    enum ic_type type; /* of x and dx; y and dy are fp32 */
};

/* Of `count` elements (a batch of features), dropout drops those whose random number is
 * below `rate`; the others become x / (1 - rate). Element i takes number first + i of
 * the stream (seed, IC_RANDOM_DROPOUT, step, layer) of base/random.h, in [0, 1). */
struct ic_dropout {
    size_t first, count;
    float rate; /* 0 <= rate < 1 */
    uint64_t seed;
    uint32_t step, layer;
};

/* y = x weight^T + bias. */
struct ic_linear {
    int batch, in_features, out_features;
};

/* Cross-entropy of softmax(logits) with label smoothing e: the target is 1 - e on the
 * label plus e / classes everywhere (Szegedy et al. 2016, section 7). */
struct ic_cross_entropy {
    int batch, classes;
    float smoothing;
    int whole; /* pictures that the mean is taken over, `batch` of them in this call */
};

/* A stretch of the parameter block that an optimiser step updates with one rate. */
struct ic_update_span {
    size_t offset, count;
    float rate;         /* learning rate */
    float weight_decay; /* decoupled: p *= 1 - rate * weight_decay, first */
};

/* Adam in fastai's form (Kingma and Ba 2015, with epsilon outside the root):
 *   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
 *   p -= rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
 * beta1 may change from step to step (one-cycle), so the caller keeps the corrections.
 * The betas are double: 1 - 0.99f differs from 0.01 by a relative 1e-6, and the share
 * of a new gradient would be off by as much.
 */
struct ic_adam {
    double beta1, beta2;
    float epsilon;
    float correction1, correction2; /* 1 - beta^t, of the mean and of the square */
    float factor;                   /* on the gradient, before all else */
};

/* SGD with momentum as in PyTorch and fastai: m = momentum m + g, p -= rate * m. */
struct ic_sgd {
    float momentum;
    float factor; /* on the gradient, before all else */
};

#endif
