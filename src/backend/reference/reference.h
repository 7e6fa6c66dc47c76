/* SPDX-License-Identifier: MIT */
/*
 * The reference backend: every kernel as the loops of its formula, one index after the
 * other, in double precision. No tiles, no threads, no BLAS: slow, and right. It is for
 * reading, and for comparing the other backends with; it shares no arithmetic with
 * them, except for the random numbers of dropout.
 *
 * The files, by theme: conv.c (convolution, linear), norm.c (batch normalisation),
 * pool.c (pools, ReLU, dropout), step.c (pictures, loss, optimisers), device.c
 * (memory).
 *
 * The interface of backends has arrays of float, and a graph computes the address of an
 * array from that of its block. So each block of device memory is allocated twice: as
 * the bytes that the interface asks for, and, beside them, as one double for each four
 * bytes. The address of a float names both. ic_reference_values finds the doubles, and
 * kernels compute with them alone, so that nothing is rounded between the kernels of a
 * step. A kernel ends with ic_reference_round, which writes its results to the bytes as
 * floats; a download copies bytes. An upload copies bytes and widens them. Arrays of
 * other types (pixels, labels, places, the double statistics of a batch) are the bytes
 * alone. In a kernel, x_ is the array of the interface, and x its doubles, with the
 * indices of the formula.
 */
#ifndef IC_BACKEND_REFERENCE_REFERENCE_H
#define IC_BACKEND_REFERENCE_REFERENCE_H

#include "backend/backend.h"

/* The doubles of the array of floats at this address; NULL of NULL. Kernels point to
 * them with the array's shape: `const double (*x)[channels]`. */
void *ic_reference_values(const void *array);

/* Rounds the first `count` doubles of the array to its floats. */
void ic_reference_round(void *array, size_t count);

/* --- the table and its entries ---------------------------------------------------- */

extern const struct ic_backend ic_reference_backend;

ic_status ic_reference_open(const struct ic_device_options *options,
                            struct ic_device **ret_device, struct ic_error *error);
void ic_reference_close(struct ic_device *device);
const char *ic_reference_describe(struct ic_device *device);
uint64_t ic_reference_memory_limit(struct ic_device *device);
ic_status ic_reference_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                             struct ic_error *error);
void ic_reference_release(struct ic_device *device, void *memory);
void ic_reference_upload(struct ic_device *device, void *memory, const void *host,
                         size_t bytes);
void ic_reference_download(struct ic_device *device, void *host, const void *memory,
                           size_t bytes);
ic_status ic_reference_sync(struct ic_device *device, struct ic_error *error);
void ic_reference_watch(struct ic_device *device, struct ic_task_log *log);

void ic_reference_fill(struct ic_device *device, float *x, float value, size_t count);
void ic_reference_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                            const float mean[3], const float std[3], size_t pixels,
                            enum ic_type type);
void ic_reference_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                                  const uint8_t *other, const float *share,
                                  const float mean[3], const float std[3], int batch,
                                  size_t pixels, enum ic_type type);
double ic_reference_sum_squares(struct ic_device *device, const float *x, size_t count);
void ic_reference_add(struct ic_device *device, float *sum, const float *x,
                      size_t count);
void ic_reference_average(struct ic_device *device, float *mean, const float *x,
                          float share, size_t count);

bool ic_reference_conv2d_has(enum ic_conv_algorithm algorithm);
enum ic_conv_algorithm ic_reference_conv2d_algorithm(const struct ic_conv *conv,
                                                     bool folded);
size_t ic_reference_conv2d_workspace(struct ic_device *device,
                                     const struct ic_conv *conv, bool training);
void ic_reference_conv2d_forward(struct ic_device *device, void *y, const void *x,
                                 const float *weight, void *workspace,
                                 const struct ic_conv *conv);
void ic_reference_conv2d_backward_input(struct ic_device *device, void *dx,
                                        const void *dy, const float *weight,
                                        void *workspace, const struct ic_conv *conv,
                                        bool accumulate);
void ic_reference_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                         const void *dy, const void *x, void *workspace,
                                         const struct ic_conv *conv);
size_t ic_reference_conv2d_folded_bytes(struct ic_device *device,
                                        const struct ic_conv *conv);
size_t ic_reference_conv2d_folded_workspace(struct ic_device *device,
                                            const struct ic_conv *conv);
void ic_reference_conv2d_fold(struct ic_device *device, void *folded,
                              const float *weight, const struct ic_running_norm *norm,
                              const struct ic_conv *conv);
void ic_reference_conv2d_forward_folded(struct ic_device *device, void *y,
                                        const void *x, const void *residual,
                                        const void *folded, void *workspace,
                                        const struct ic_conv *conv, bool relu);

size_t ic_reference_batchnorm_workspace(struct ic_device *device,
                                        const struct ic_batchnorm *bn);
void ic_reference_batchnorm_forward_train(struct ic_device *device, void *y,
                                          float *saved_mean, float *saved_invstd,
                                          double *batch_mean, double *batch_var,
                                          const void *x, const void *residual,
                                          const float *weight, const float *bias,
                                          void *workspace,
                                          const struct ic_batchnorm *bn);
void ic_reference_batchnorm_move(struct ic_device *device, float *running,
                                 const double *batch, float momentum, size_t count);
void ic_reference_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                      const float *weight, const float *bias,
                                      const float *saved_mean,
                                      const float *saved_invstd,
                                      const struct ic_batchnorm *bn);
void ic_reference_batchnorm_forward_eval(struct ic_device *device, void *y,
                                         const void *x, const void *residual,
                                         const float *weight, const float *bias,
                                         const float *running_mean,
                                         const float *running_var,
                                         const struct ic_batchnorm *bn);
void ic_reference_batchnorm_backward(struct ic_device *device, void *dx,
                                     void *dresidual, float *dweight, float *dbias,
                                     const void *dy, const void *x, const void *y,
                                     const float *weight, const float *bias,
                                     const float *saved_mean, const float *saved_invstd,
                                     void *workspace, const struct ic_batchnorm *bn,
                                     bool add_residual);

void ic_reference_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                                  const void *x, const struct ic_pool *pool);
void ic_reference_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                                   const uint8_t *place, const struct ic_pool *pool,
                                   bool accumulate);
void ic_reference_avgpool_forward(struct ic_device *device, float *y, const void *x,
                                  const struct ic_globalpool *pool);
void ic_reference_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                                   const struct ic_globalpool *pool, bool accumulate);
void ic_reference_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                                     const void *x, const struct ic_globalpool *pool);
void ic_reference_concatpool_backward(struct ic_device *device, void *dx,
                                      const float *dy, const int32_t *place,
                                      const struct ic_globalpool *pool,
                                      bool accumulate);

void ic_reference_relu_forward(struct ic_device *device, float *y, const float *x,
                               size_t count);
void ic_reference_relu_backward(struct ic_device *device, float *dx, const float *dy,
                                const float *y, size_t count, bool accumulate);
void ic_reference_dropout(struct ic_device *device, float *y, const float *x,
                          const struct ic_dropout *dropout, bool accumulate);

size_t ic_reference_linear_workspace(struct ic_device *device,
                                     const struct ic_linear *linear, bool training);
void ic_reference_linear_forward(struct ic_device *device, float *y, const float *x,
                                 const float *weight, const float *bias,
                                 void *workspace, const struct ic_linear *linear);
void ic_reference_linear_backward_input(struct ic_device *device, float *dx,
                                        const float *dy, const float *weight,
                                        void *workspace, const struct ic_linear *linear,
                                        bool accumulate);
void ic_reference_linear_backward_weight(struct ic_device *device, float *dweight,
                                         float *dbias, const float *dy, const float *x,
                                         void *workspace,
                                         const struct ic_linear *linear);
void ic_reference_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                                const float *logits, const int32_t *labels,
                                const int32_t *other_labels, const float *share,
                                const float *class_weight,
                                const struct ic_cross_entropy *shape);

void ic_reference_adam_step(struct ic_device *device, float *parameters, float *mean,
                            float *square, const float *grads,
                            const struct ic_update_span *spans, size_t span_count,
                            const struct ic_adam *adam);
void ic_reference_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                           const float *grads, const struct ic_update_span *spans,
                           size_t span_count, const struct ic_sgd *sgd);

#endif
