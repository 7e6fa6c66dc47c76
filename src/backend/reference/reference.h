/* SPDX-License-Identifier: MIT */
/*
 * The reference backend: every kernel as the loops of its formula, one index after the
 * other, in double precision. No tiles, no threads, no BLAS: slow, and right. It is for
 * reading, and for comparing the other backends with; it shares no arithmetic with
 * them, except for the random numbers of dropout.
 *
 * loops.c is that arithmetic, of the whole network, without a device. The other files
 * fit it to the interface of backends: kernels.c and reference.c (kernels, the table),
 * device.c (memory).
 *
 * The interface of backends has arrays of float, and a graph computes the address of an
 * array from that of its block. So each block of device memory is allocated twice: as
 * the bytes that the interface asks for, and, beside them, as one double for each four
 * bytes. The address of a float names both. ic_reference_values finds the doubles, and
 * kernels compute with them alone, so that nothing is rounded between the kernels of a
 * step. A kernel ends with ic_reference_finish, which writes its results to the bytes
 * as floats; a download copies bytes. An upload copies bytes and widens them. Arrays of
 * other types (pixels, labels, places, the double statistics of a batch) are the bytes
 * alone.
 */
#ifndef IC_BACKEND_REFERENCE_REFERENCE_H
#define IC_BACKEND_REFERENCE_REFERENCE_H

#include "backend/backend.h"

/* The doubles of the array of floats at this address; NULL of NULL. */
void *ic_reference_values(const void *array);

/* The end of a kernel: rounds the first `count` doubles of the array to its floats;
 * nothing if the array is NULL. */
void ic_reference_finish(void *array, size_t count);

/* The elements of an array of this shape. */
static inline size_t ic_reference_elements(int a, int b, int c, int d)
{
    return (size_t)a * (size_t)b * (size_t)c * (size_t)d;
}

/* --- the table, and the entries of device.c --------------------------------------- */

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

/* --- kernels.c: see backend/backend.h ------------------------------------------- */

bool ic_reference_conv2d_has(enum ic_conv_algorithm algorithm);
enum ic_conv_algorithm ic_reference_conv2d_algorithm(const struct ic_conv *v,
                                                     bool folded);
size_t ic_reference_conv2d_workspace(struct ic_device *device, const struct ic_conv *v,
                                     bool training);
void ic_reference_conv2d_forward(struct ic_device *device, void *y, const void *x,
                                 const float *weight, void *workspace,
                                 const struct ic_conv *v);
void ic_reference_conv2d_backward_input(struct ic_device *device, void *dx,
                                        const void *dy, const float *weight,
                                        void *workspace, const struct ic_conv *v,
                                        bool accumulate);
void ic_reference_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                         const void *dy, const void *x, void *workspace,
                                         const struct ic_conv *v);
size_t ic_reference_conv2d_folded_bytes(struct ic_device *device,
                                        const struct ic_conv *v);
size_t ic_reference_conv2d_folded_workspace(struct ic_device *device,
                                            const struct ic_conv *v);
void ic_reference_conv2d_fold(struct ic_device *device, void *folded,
                              const float *weight, const struct ic_running_norm *norm,
                              const struct ic_conv *v);
void ic_reference_conv2d_forward_folded(struct ic_device *device, void *y,
                                        const void *x, const void *residual,
                                        const void *folded, void *workspace,
                                        const struct ic_conv *v, bool relu);
size_t ic_reference_batchnorm_workspace(struct ic_device *device,
                                        const struct ic_batchnorm *bn);
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
void ic_reference_batchnorm_forward_train(struct ic_device *device, void *y,
                                          float *saved_mean, float *saved_invstd,
                                          double *batch_mean, double *batch_var,
                                          const void *x, const void *residual,
                                          const float *weight, const float *bias,
                                          void *workspace,
                                          const struct ic_batchnorm *bn);
void ic_reference_batchnorm_move(struct ic_device *device, float *running,
                                 const double *batch, float momentum, size_t count);
void ic_reference_batchnorm_backward(struct ic_device *device, void *dx,
                                     void *dresidual, float *dweight, float *dbias,
                                     const void *dy, const void *x, const void *y,
                                     const float *weight, const float *bias,
                                     const float *saved_mean, const float *saved_invstd,
                                     void *workspace, const struct ic_batchnorm *bn,
                                     bool add_residual);

#endif
