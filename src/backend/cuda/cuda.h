/* SPDX-License-Identifier: MIT */
/*
 * The CUDA backend, for its own files: what the kernels ask of the device, and the
 * entries that table.cu puts into the table. Their contracts are in backend/backend.h;
 * launch.h says how a kernel is written.
 *
 * Only the device (device.cu, transfer.cu), the matrix product (gemm.cu) and cudnn.cu
 * call CUDA's libraries.
 */
#ifndef IC_BACKEND_CUDA_CUDA_H
#define IC_BACKEND_CUDA_CUDA_H

#ifdef __cplusplus
extern "C" {
#endif

#include "backend/backend.h"

#ifdef __cplusplus
}
#endif

#include "backend/cuda/launch.h"
#include "backend/parts.h"

/* Zero for a negative number; NaN stays NaN. */
IC_EVERYWHERE float ic_cuda_rectify(float v)
{
    return v < 0 ? 0 : v;
}

/* --- what the device gives -------------------------------------------------------- */

/* Doubles on the device, for sums over a block that has no workspace. */
enum { IC_CUDA_SCRATCH = 1 << 17 };
double *ic_cuda_scratch(struct ic_device *device);

/* A row-major matrix as it lies in memory, or its transpose: element (i, j) is
 * number i * stride + j, or j * stride + i when `transposed`. */
struct ic_cuda_matrix {
    const void *data;
    size_t stride;
    bool transposed;
};

IC_EVERYWHERE struct ic_cuda_matrix ic_cuda_matrix(const void *data, size_t stride,
                                                   bool transposed)
{
    const struct ic_cuda_matrix m = {data, stride, transposed};

    return m;
}

/* Sizes and types of a product: a is m x k, b is k x n, c is m x n; each of the sizes
 * fits an int and is not 0. */
struct ic_cuda_product {
    size_t m, n, k;
    enum ic_type in;  /* of a and b */
    enum ic_type out; /* of c: fp32, or as a and b */
    bool accumulate;
};

/* c = a b, or c += a b, summed in fp32 and rounded once where c is bf16. c is row-major
 * with `stride` elements a row. On a device of --precision tf32 the product itself
 * rounds operands that are fp32. */
void ic_cuda_gemm(struct ic_device *device, void *c, size_t stride,
                  struct ic_cuda_matrix a, struct ic_cuda_matrix b,
                  const struct ic_cuda_product *product);

/* Row 0 becomes the sum of `count` rows of `width` numbers; the others are overwritten.
 */
void ic_cuda_sum_rows(struct ic_device *device, double *rows, size_t count,
                      size_t width);

/* --- the table and its entries ---------------------------------------------------- */

ic_status ic_cuda_open(const struct ic_device_options *options,
                       struct ic_device **ret_device, struct ic_error *error);
void ic_cuda_close(struct ic_device *device);
const char *ic_cuda_describe(struct ic_device *device);
uint64_t ic_cuda_memory_limit(struct ic_device *device);
ic_status ic_cuda_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                        struct ic_error *error);
void ic_cuda_release(struct ic_device *device, void *memory);
void ic_cuda_upload(struct ic_device *device, void *memory, const void *host,
                    size_t bytes);
void ic_cuda_download(struct ic_device *device, void *host, const void *memory,
                      size_t bytes);
ic_status ic_cuda_sync(struct ic_device *device, struct ic_error *error);
void ic_cuda_watch(struct ic_device *device, struct ic_task_log *log);

void ic_cuda_fill(struct ic_device *device, float *x, float value, size_t count);
void ic_cuda_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                       const float mean[3], const float std[3], size_t pixels,
                       enum ic_type type);
void ic_cuda_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                             const uint8_t *other, const float *share,
                             const float mean[3], const float std[3], int batch,
                             size_t pixels, enum ic_type type);
double ic_cuda_sum_squares(struct ic_device *device, const float *x, size_t count);
void ic_cuda_add(struct ic_device *device, float *sum, const float *x, size_t count);
void ic_cuda_average(struct ic_device *device, float *mean, const float *x, float share,
                     size_t count);

bool ic_cuda_conv2d_has(enum ic_conv_algorithm algorithm);
enum ic_conv_algorithm ic_cuda_conv2d_algorithm(const struct ic_conv *conv,
                                                bool folded);
size_t ic_cuda_conv2d_workspace(struct ic_device *device, const struct ic_conv *conv,
                                bool training);
void ic_cuda_conv2d_forward(struct ic_device *device, void *y, const void *x,
                            const float *weight, void *workspace,
                            const struct ic_conv *conv);
void ic_cuda_conv2d_backward_input(struct ic_device *device, void *dx, const void *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate);
void ic_cuda_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                    const void *dy, const void *x, void *workspace,
                                    const struct ic_conv *conv);
size_t ic_cuda_conv2d_folded_bytes(struct ic_device *device,
                                   const struct ic_conv *conv);
size_t ic_cuda_conv2d_folded_workspace(struct ic_device *device,
                                       const struct ic_conv *conv);
void ic_cuda_conv2d_fold(struct ic_device *device, void *folded, const float *weight,
                         const struct ic_running_norm *norm,
                         const struct ic_conv *conv);
void ic_cuda_conv2d_forward_folded(struct ic_device *device, void *y, const void *x,
                                   const void *residual, const void *folded,
                                   void *workspace, const struct ic_conv *conv,
                                   bool relu);

size_t ic_cuda_batchnorm_workspace(struct ic_device *device,
                                   const struct ic_batchnorm *bn);
void ic_cuda_batchnorm_forward_train(struct ic_device *device, void *y,
                                     float *saved_mean, float *saved_invstd,
                                     double *batch_mean, double *batch_var,
                                     const void *x, const void *residual,
                                     const float *weight, const float *bias,
                                     void *workspace, const struct ic_batchnorm *bn);
void ic_cuda_batchnorm_move(struct ic_device *device, float *running,
                            const double *batch, float momentum, size_t count);
void ic_cuda_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                 const float *weight, const float *bias,
                                 const float *saved_mean, const float *saved_invstd,
                                 const struct ic_batchnorm *bn);
void ic_cuda_batchnorm_forward_eval(struct ic_device *device, void *y, const void *x,
                                    const void *residual, const float *weight,
                                    const float *bias, const float *running_mean,
                                    const float *running_var,
                                    const struct ic_batchnorm *bn);
void ic_cuda_batchnorm_backward(struct ic_device *device, void *dx, void *dresidual,
                                float *dweight, float *dbias, const void *dy,
                                const void *x, const void *y, const float *weight,
                                const float *bias, const float *saved_mean,
                                const float *saved_invstd, void *workspace,
                                const struct ic_batchnorm *bn, bool add_residual);

void ic_cuda_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                             const void *x, const struct ic_pool *pool);
void ic_cuda_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                              const uint8_t *place, const struct ic_pool *pool,
                              bool accumulate);
void ic_cuda_avgpool_forward(struct ic_device *device, float *y, const void *x,
                             const struct ic_globalpool *pool);
void ic_cuda_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                              const struct ic_globalpool *pool, bool accumulate);
void ic_cuda_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                                const void *x, const struct ic_globalpool *pool);
void ic_cuda_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                 const int32_t *place, const struct ic_globalpool *pool,
                                 bool accumulate);

void ic_cuda_relu_forward(struct ic_device *device, float *y, const float *x,
                          size_t count);
void ic_cuda_relu_backward(struct ic_device *device, float *dx, const float *dy,
                           const float *y, size_t count, bool accumulate);
void ic_cuda_dropout(struct ic_device *device, float *y, const float *x,
                     const struct ic_dropout *dropout, bool accumulate);

size_t ic_cuda_linear_workspace(struct ic_device *device,
                                const struct ic_linear *linear, bool training);
void ic_cuda_linear_forward(struct ic_device *device, float *y, const float *x,
                            const float *weight, const float *bias, void *workspace,
                            const struct ic_linear *linear);
void ic_cuda_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const float *weight, void *workspace,
                                   const struct ic_linear *linear, bool accumulate);
void ic_cuda_linear_backward_weight(struct ic_device *device, float *dweight,
                                    float *dbias, const float *dy, const float *x,
                                    void *workspace, const struct ic_linear *linear);
void ic_cuda_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                           const float *logits, const int32_t *labels,
                           const int32_t *other_labels, const float *share,
                           const float *class_weight,
                           const struct ic_cross_entropy *shape);

void ic_cuda_adam_step(struct ic_device *device, float *parameters, float *mean,
                       float *square, const float *grads,
                       const struct ic_update_span *spans, size_t span_count,
                       const struct ic_adam *adam);
void ic_cuda_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                      const float *grads, const struct ic_update_span *spans,
                      size_t span_count, const struct ic_sgd *sgd);

#endif
