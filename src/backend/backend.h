/* SPDX-License-Identifier: MIT */
/*
 * A backend: one table of kernels for one kind of device.
 *
 * Rules that every entry keeps:
 *
 * - Arguments are in the order outputs, inputs, saved values, sizes. A comment after
 *   each pointer gives its shape. Arrays are contiguous, pictures are NHWC, convolution
 *   weights are OHWI (out channel, kernel row, kernel column, in channel).
 * - A `float *` is an array of fp32. A `void *` with a shape is an array of activations
 *   or of their gradients, whose element type is in the struct of sizes (`type`).
 *   Kernels compute in fp32 (the reference in double) and round a stored element once.
 * - Every array is device memory from `alloc`, unless the comment says "host".
 * - A kernel writes its outputs. Where its argument `accumulate` is true, it adds to
 *   them: so the gradient of an array with two consumers is summed.
 * - Kernels cannot fail: a graph checks sizes, and `sync` returns the device's fault.
 * - No entry is NULL. There is no "unsupported" and no silent move to another device.
 * - The same inputs give the same bits, whatever the number of threads.
 */
#ifndef IC_BACKEND_BACKEND_H
#define IC_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/shapes.h"
#include "backend/task_log.h"
#include "base/error.h"

/* An opened device; each backend defines its own. */
struct ic_device;

struct ic_device_options {
    int threads; /* host threads that compute, at least 1 */
    enum ic_precision precision;
    int ordinal; /* number of the device, from 0; modulo the number of devices */
};

struct ic_backend {
    const char *name; /* as in --device */

    /* --- life -------------------------------------------------------------------- */

    /* Refuses options that the device does not have, such as a precision. */
    ic_status (*open)(const struct ic_device_options *options,
                      struct ic_device **ret_device, struct ic_error *error);
    void (*close)(struct ic_device *device); /* NULL is fine */

    /* One line for people: the library, its version and core type. `arithmetic` is the
     * part of that line that results depend on. The device owns both. */
    const char *(*describe)(struct ic_device *device);
    const char *(*arithmetic)(struct ic_device *device);

    /* --- memory ------------------------------------------------------------------ */

    /* Whether the device's memory is the host's, which the program itself uses too;
     * whether it keeps more digits than a download, so that no ranks can share it. */
    bool host_memory, download_rounds;

    /* Bytes that a plan may use on this device. */
    uint64_t (*memory_limit)(struct ic_device *device);

    /* Zeroed device memory, aligned to 256 bytes; freed by `release` (NULL is fine). */
    ic_status (*alloc)(struct ic_device *device, size_t bytes, void **ret_memory,
                       struct ic_error *error);
    void (*release)(struct ic_device *device, void *memory);

    /* Host to device, device to host. The host memory may be reused on return. */
    void (*upload)(struct ic_device *device, void *memory, const void *host,
                   size_t bytes);
    void (*download)(struct ic_device *device, void *host, const void *memory,
                     size_t bytes);

    /* Waits for all work asked for so far. Returns the first fault since the last call;
     * every call returns a fault that the device does not recover from. */
    ic_status (*sync)(struct ic_device *device, struct ic_error *error);

    /* From now on each kernel records in `log` the tasks of its work; NULL stops it. */
    void (*watch)(struct ic_device *device, struct ic_task_log *log);

    /* --- elementwise ------------------------------------------------------------- */

    void (*fill)(struct ic_device *device, float *x, /* count */
                 float value, size_t count);

    /* x = (rgb / 255 - mean) / std, per channel. */
    void (*normalize)(struct ic_device *device, void *x, /* pixels, 3 */
                      const uint8_t *rgb,                /* pixels, 3 (device) */
                      const float mean[3],               /* host */
                      const float std[3],                /* host */
                      size_t pixels, enum ic_type type);

    /* Mixup: x = share * rgb + (1 - share) * other, both normalised as above. */
    void (*normalize_mixed)(struct ic_device *device, void *x, /* batch, pixels, 3 */
                            const uint8_t *rgb,   /* batch, pixels, 3 (device) */
                            const uint8_t *other, /* batch, pixels, 3 (device) */
                            const float *share,   /* batch; from 0 to 1 */
                            const float mean[3], const float std[3], /* host */
                            int batch, size_t pixels, enum ic_type type);

    /* The sum of squares, in double; infinite or NaN if an element is. Waits. */
    double (*sum_squares)(struct ic_device *device, const float *x, /* count */
                          size_t count);

    /* sum += x */
    void (*add)(struct ic_device *device, float *sum, /* count, in and out */
                const float *x /* count */, size_t count);

    /* mean += share * (x - mean): one step of an exponential moving average. A mean
     * that equals x stays as it is, bit for bit; a share of 1 copies x over a mean of
     * zero. */
    void (*average)(struct ic_device *device, float *mean, /* count, in and out */
                    const float *x,                        /* count */
                    float share, size_t count);

    /* --- convolution ------------------------------------------------------------- */

    /* Whether convolutions may ask for this algorithm; every backend has AUTO. */
    bool (*conv2d_has)(enum ic_conv_algorithm algorithm);

    /* Appended to the error about a missing algorithm: a missing library, or "". */
    const char *conv2d_lacks;

    /* The algorithm of the three passes for this shape, or, when `folded`, of the
     * forward pass with folded weights that serve many batches. Never AUTO. */
    enum ic_conv_algorithm (*conv2d_algorithm)(const struct ic_conv *conv, bool folded);

    /* Bytes of workspace that the largest of the three passes needs (`training`), or
     * that the forward pass alone needs, with this batch or any smaller one. A device
     * that chooses its kernels here keeps a fault for `sync` to return. */
    size_t (*conv2d_workspace)(struct ic_device *device, const struct ic_conv *conv,
                               bool training);

    void (*conv2d_forward)(struct ic_device *device,
                           void *y,             /* batch, out_h, out_w, out_channels */
                           const void *x,       /* batch, in_h, in_w, in_channels */
                           const float *weight, /* out_channels, k, k, in_channels */
                           void *workspace, const struct ic_conv *conv);

    void (*conv2d_backward_input)(struct ic_device *device, void *dx, /* as x */
                                  const void *dy,                     /* as y */
                                  const float *weight,                /* as weight */
                                  void *workspace, const struct ic_conv *conv,
                                  bool accumulate);

    void (*conv2d_backward_weight)(struct ic_device *device,
                                   float *dweight, /* as weight */
                                   const void *dy, /* as y */
                                   const void *x,  /* as x */
                                   void *workspace, const struct ic_conv *conv);

    /* --- convolution with the batch norm after it folded in, for inference ---------
     *
     *   y = bn(conv(x)) + residual, then ReLU. bn's scale of a channel goes into the
     *   weights, its shift into a bias. `folded` is made once from the weights, in the
     *   form that the algorithm reads, and serves any batch. All calls name the same
     *   algorithm, which is not AUTO. */

    /* Bytes of `folded`. */
    size_t (*conv2d_folded_bytes)(struct ic_device *device, const struct ic_conv *conv);

    /* Bytes of workspace, with this batch or any smaller one. */
    size_t (*conv2d_folded_workspace)(struct ic_device *device,
                                      const struct ic_conv *conv);

    void (*conv2d_fold)(struct ic_device *device, void *folded,
                        const float *weight, /* out_channels, k, k, in_channels */
                        const struct ic_running_norm *norm, const struct ic_conv *conv);

    void (*conv2d_forward_folded)(struct ic_device *device,
                                  void *y,       /* batch, out_h, out_w,
                                                     out_channels; not residual */
                                  const void *x, /* batch, in_h, in_w, in_channels */
                                  const void *residual, /* as y, or NULL */
                                  const void *folded, void *workspace,
                                  const struct ic_conv *conv, bool relu);

    /* --- batch normalisation (Ioffe and Szegedy 2015) ---------------------------- */

    /* Bytes of workspace of the two training passes. */
    size_t (*batchnorm_workspace)(struct ic_device *device,
                                  const struct ic_batchnorm *bn);

    /* Normalises by the batch's own mean and biased variance, and saves both (the
     * latter as 1 / sqrt(var + epsilon)). The running statistics are to move towards
     * batch_mean and batch_var: the unbiased variance, or of one row the biased one. */
    void (*batchnorm_forward_train)(struct ic_device *device,
                                    void *y,              /* rows, channels */
                                    float *saved_mean,    /* channels */
                                    float *saved_invstd,  /* channels */
                                    double *batch_mean,   /* channels */
                                    double *batch_var,    /* channels */
                                    const void *x,        /* rows, channels */
                                    const void *residual, /* rows, channels or NULL */
                                    const float *weight,  /* channels */
                                    const float *bias,    /* channels */
                                    void *workspace, const struct ic_batchnorm *bn);

    /* running = (1 - momentum) running + momentum batch, in double and rounded once.
     * One call may move the statistics of all batch norms. */
    void (*batchnorm_move)(struct ic_device *device,
                           float *running,      /* count, in and out */
                           const double *batch, /* count */
                           float momentum, size_t count);

    /* Computes the y of batchnorm_forward_train without a residual again, bit for bit,
     * from the statistics that it saved. */
    void (*batchnorm_recompute)(struct ic_device *device, void *y, /* rows, channels */
                                const void *x,                     /* rows, channels */
                                const float *weight,               /* channels */
                                const float *bias,                 /* channels */
                                const float *saved_mean,           /* channels */
                                const float *saved_invstd,         /* channels */
                                const struct ic_batchnorm *bn);

    /* Normalises by the running statistics, which stay as they are. y may be x. */
    void (*batchnorm_forward_eval)(struct ic_device *device,
                                   void *y,              /* rows, channels */
                                   const void *x,        /* rows, channels */
                                   const void *residual, /* rows, channels or NULL */
                                   const float *weight,  /* channels */
                                   const float *bias,    /* channels */
                                   const float *running_mean, /* channels */
                                   const float *running_var,  /* channels */
                                   const struct ic_batchnorm *bn);

    /* The gradient through "ReLU(bn(x) + residual)" of the training form. The mask is
     * y > 0; without a residual y may be NULL, and x gives the same mask, bit for bit.
     * dresidual may be NULL, or dy itself, masked in place. dx may be dy, or NULL, when
     * dresidual is NULL. `add_residual` accumulates dresidual. */
    void (*batchnorm_backward)(struct ic_device *device,
                               void *dx,                  /* rows, channels or NULL */
                               void *dresidual,           /* rows, channels or NULL */
                               float *dweight,            /* channels */
                               float *dbias,              /* channels */
                               const void *dy,            /* rows, channels */
                               const void *x,             /* rows, channels */
                               const void *y,             /* rows, channels or NULL */
                               const float *weight,       /* channels */
                               const float *bias,         /* channels */
                               const float *saved_mean,   /* channels */
                               const float *saved_invstd, /* channels */
                               void *workspace, const struct ic_batchnorm *bn,
                               bool add_residual);

    /* --- pools ------------------------------------------------------------------- */

    /* `place` records which cell of the kernel won (row * kernel + column; the first of
     * equals) for backward, and is NULL where no backward follows. kernel <= 15. */
    void (*maxpool_forward)(struct ic_device *device,
                            void *y,        /* batch, out_h, out_w, channels */
                            uint8_t *place, /* as y, or NULL */
                            const void *x,  /* batch, in_h, in_w, channels */
                            const struct ic_pool *pool);
    void (*maxpool_backward)(struct ic_device *device, void *dx, /* as x */
                             const void *dy,                     /* as y */
                             const uint8_t *place,               /* as y */
                             const struct ic_pool *pool, bool accumulate);

    /* The mean over all pixels of a picture. */
    void (*avgpool_forward)(struct ic_device *device, float *y, /* batch, channels */
                            const void *x, /* batch, pixels, channels */
                            const struct ic_globalpool *pool);
    void (*avgpool_backward)(struct ic_device *device,
                             void *dx,        /* batch, pixels, channels */
                             const float *dy, /* batch, channels */
                             const struct ic_globalpool *pool, bool accumulate);

    /* The maximum over all pixels of a picture, followed by the mean. `place` records
     * which pixel won: the first of equals. A NaN wins. */
    void (*concatpool_forward)(struct ic_device *device,
                               float *y,       /* batch, 2 channels */
                               int32_t *place, /* batch, channels */
                               const void *x,  /* batch, pixels, channels */
                               const struct ic_globalpool *pool);
    void (*concatpool_backward)(struct ic_device *device,
                                void *dx,             /* batch, pixels, channels */
                                const float *dy,      /* batch, 2 channels */
                                const int32_t *place, /* batch, channels */
                                const struct ic_globalpool *pool, bool accumulate);

    /* --- ReLU and dropout -------------------------------------------------------- */

    /* y = max(x, 0); y may be x. The gradient passes where y > 0; dx may be dy. All
     * arrays have `count` elements. */
    void (*relu_forward)(struct ic_device *device, float *y, const float *x,
                         size_t count);
    void (*relu_backward)(struct ic_device *device, float *dx, const float *dy,
                          const float *y, size_t count, bool accumulate);

    /* Serves both passes: y of x, and dx of dy. y may be x. */
    void (*dropout)(struct ic_device *device, float *y, /* count */
                    const float *x,                     /* count */
                    const struct ic_dropout *dropout, bool accumulate);

    /* --- linear and loss --------------------------------------------------------- */

    /* Bytes of workspace that the largest of the three passes needs (`training`), or
     * that the forward pass alone needs, with this batch or any smaller one. */
    size_t (*linear_workspace)(struct ic_device *device, const struct ic_linear *linear,
                               bool training);

    void (*linear_forward)(struct ic_device *device, float *y, /* batch, out_features */
                           const float *x,                     /* batch, in_features */
                           const float *weight, /* out_features, in_features */
                           const float *bias,   /* out_features or NULL */
                           void *workspace, const struct ic_linear *linear);
    void (*linear_backward_input)(struct ic_device *device,
                                  float *dx,           /* batch, in_features */
                                  const float *dy,     /* batch, out_features */
                                  const float *weight, /* out_features, in_features */
                                  void *workspace, const struct ic_linear *linear,
                                  bool accumulate);
    void (*linear_backward_weight)(
        struct ic_device *device,
        float *dweight,  /* out_features, in_features or NULL */
        float *dbias,    /* out_features or NULL */
        const float *dy, /* batch, out_features */
        const float *x,  /* batch, in_features */
        void *workspace, const struct ic_linear *linear);

    /* One loss per picture, times the weight of its class, and, unless NULL, the
     * gradient of the mean over `whole` pictures. The loss of mixed pictures (share is
     * not NULL) is share * loss(label) + (1 - share) * loss(other label). */
    void (*cross_entropy)(struct ic_device *device, float *loss, /* batch */
                          float *dlogits,              /* batch, classes or NULL */
                          const float *logits,         /* batch, classes */
                          const int32_t *labels,       /* batch (device) */
                          const int32_t *other_labels, /* batch (device) or NULL */
                          const float *share,          /* batch or NULL */
                          const float *class_weight,   /* classes or NULL */
                          const struct ic_cross_entropy *shape);

    /* --- optimisers, over all spans in one call ---------------------------------- */

    void (*adam_step)(struct ic_device *device, float *parameters, /* block */
                      float *mean,        /* block: running mean of the gradient */
                      float *square,      /* block: running mean of its square */
                      const float *grads, /* block */
                      const struct ic_update_span *spans, /* host */
                      size_t span_count, const struct ic_adam *adam);
    void (*sgd_step)(struct ic_device *device, float *parameters, /* block */
                     float *velocity,                             /* block */
                     const float *grads,                          /* block */
                     const struct ic_update_span *spans,          /* host */
                     size_t span_count, const struct ic_sgd *sgd);
};

#endif
