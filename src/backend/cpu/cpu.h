/* SPDX-License-Identifier: MIT */
/*
 * The CPU backend, for its own files: the device, the one parallel loop, and the
 * kernels that cpu.c puts into the table. Their contracts are in backend/backend.h.
 *
 * A kernel is a struct of arguments, a task that does one part of the work, and an
 * entry that fills the struct and hands it to ic_cpu_run. How the work is cut depends
 * on the problem's size alone, and sums go over fixed parts in fixed order. That is why
 * the same inputs give the same bits for any number of threads.
 */
#ifndef IC_BACKEND_CPU_CPU_H
#define IC_BACKEND_CPU_CPU_H

#include "backend/backend.h"
#include "backend/cpu/amx_kernel.h"
#include "backend/cpu/kernel.h"
#include "backend/parts.h"
#include "base/threads.h"

/* Marks a part of a kernel with a name of its own. It is compiled into its caller, and
 * so for the processor that the caller is compiled for (IC_TARGET_CLONES of config.h
 * marks the functions that hold inner loops). */
#define IC_INLINE static inline __attribute__((always_inline))

struct ic_device {
    int threads;
    struct ic_threads *team;
    const struct ic_kernels *kernels; /* the best for this processor */
    const struct ic_amx *amx;         /* its tiles, or their emulation */
    struct ic_task_log *log;          /* of the loops that run; NULL: none */
    double *seconds;                  /* for the log: of each thread in this loop */
    char description[160];
    const char *arithmetic; /* a part of the description */
};

/* Runs task(args, index, thread) for every index below `count`, in any order, on the
 * device's threads; `thread` is below device->threads and names the thread's own
 * scratch memory. In a task, BLAS is single-threaded and denormals are zero. */
void ic_cpu_run(const struct ic_device *device, size_t count,
                void (*task)(const void *args, size_t index, int thread),
                const void *args);

/* Zero for a negative number; NaN stays NaN. */
IC_INLINE float ic_cpu_rectify(float v)
{
    return v < 0 ? 0 : v;
}

/* --- the table and its entries ---------------------------------------------------- */

extern const struct ic_backend ic_cpu_backend;

ic_status ic_cpu_open(const struct ic_device_options *options,
                      struct ic_device **ret_device, struct ic_error *error);
void ic_cpu_close(struct ic_device *device);
const char *ic_cpu_describe(struct ic_device *device);
const char *ic_cpu_arithmetic(struct ic_device *device);
uint64_t ic_cpu_memory_limit(struct ic_device *device);
ic_status ic_cpu_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                       struct ic_error *error);
void ic_cpu_release(struct ic_device *device, void *memory);
void ic_cpu_upload(struct ic_device *device, void *memory, const void *host,
                   size_t bytes);
void ic_cpu_download(struct ic_device *device, void *host, const void *memory,
                     size_t bytes);
ic_status ic_cpu_sync(struct ic_device *device, struct ic_error *error);
void ic_cpu_watch(struct ic_device *device, struct ic_task_log *log);

void ic_cpu_fill(struct ic_device *device, float *x, float value, size_t count);
void ic_cpu_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                      const float mean[3], const float std[3], size_t pixels,
                      enum ic_type type);
void ic_cpu_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                            const uint8_t *other, const float *share,
                            const float mean[3], const float std[3], int batch,
                            size_t pixels, enum ic_type type);
double ic_cpu_sum_squares(struct ic_device *device, const float *x, size_t count);
void ic_cpu_add(struct ic_device *device, float *sum, const float *x, size_t count);
void ic_cpu_average(struct ic_device *device, float *mean, const float *x, float share,
                    size_t count);

bool ic_cpu_conv2d_has(enum ic_conv_algorithm algorithm);
enum ic_conv_algorithm ic_cpu_conv2d_algorithm(const struct ic_conv *conv, bool folded);
size_t ic_cpu_conv2d_workspace(struct ic_device *device, const struct ic_conv *conv,
                               bool training);
void ic_cpu_conv2d_forward(struct ic_device *device, void *y, const void *x,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv);
void ic_cpu_conv2d_backward_input(struct ic_device *device, void *dx, const void *dy,
                                  const float *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate);
void ic_cpu_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                   const void *dy, const void *x, void *workspace,
                                   const struct ic_conv *conv);
size_t ic_cpu_conv2d_folded_bytes(struct ic_device *device, const struct ic_conv *conv);
size_t ic_cpu_conv2d_folded_workspace(struct ic_device *device,
                                      const struct ic_conv *conv);
void ic_cpu_conv2d_fold(struct ic_device *device, void *folded, const float *weight,
                        const struct ic_running_norm *norm, const struct ic_conv *conv);
void ic_cpu_conv2d_forward_folded(struct ic_device *device, void *y, const void *x,
                                  const void *residual, const void *folded,
                                  void *workspace, const struct ic_conv *conv,
                                  bool relu);

size_t ic_cpu_batchnorm_workspace(struct ic_device *device,
                                  const struct ic_batchnorm *bn);
void ic_cpu_batchnorm_forward_train(struct ic_device *device, void *y,
                                    float *saved_mean, float *saved_invstd,
                                    double *batch_mean, double *batch_var,
                                    const void *x, const void *residual,
                                    const float *weight, const float *bias,
                                    void *workspace, const struct ic_batchnorm *bn);
void ic_cpu_batchnorm_move(struct ic_device *device, float *running,
                           const double *batch, float momentum, size_t count);
void ic_cpu_batchnorm_recompute(struct ic_device *device, void *y, const void *x,
                                const float *weight, const float *bias,
                                const float *saved_mean, const float *saved_invstd,
                                const struct ic_batchnorm *bn);
void ic_cpu_batchnorm_forward_eval(struct ic_device *device, void *y, const void *x,
                                   const void *residual, const float *weight,
                                   const float *bias, const float *running_mean,
                                   const float *running_var,
                                   const struct ic_batchnorm *bn);
void ic_cpu_batchnorm_backward(struct ic_device *device, void *dx, void *dresidual,
                               float *dweight, float *dbias, const void *dy,
                               const void *x, const void *y, const float *weight,
                               const float *bias, const float *saved_mean,
                               const float *saved_invstd, void *workspace,
                               const struct ic_batchnorm *bn, bool add_residual);

void ic_cpu_maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                            const void *x, const struct ic_pool *pool);
void ic_cpu_maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                             const uint8_t *place, const struct ic_pool *pool,
                             bool accumulate);
void ic_cpu_avgpool_forward(struct ic_device *device, float *y, const void *x,
                            const struct ic_globalpool *pool);
void ic_cpu_avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                             const struct ic_globalpool *pool, bool accumulate);

void ic_cpu_concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                               const void *x, const struct ic_globalpool *pool);
void ic_cpu_concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                const int32_t *place, const struct ic_globalpool *pool,
                                bool accumulate);

void ic_cpu_relu_forward(struct ic_device *device, float *y, const float *x,
                         size_t count);
void ic_cpu_relu_backward(struct ic_device *device, float *dx, const float *dy,
                          const float *y, size_t count, bool accumulate);
void ic_cpu_dropout(struct ic_device *device, float *y, const float *x,
                    const struct ic_dropout *dropout, bool accumulate);

size_t ic_cpu_linear_workspace(struct ic_device *device, const struct ic_linear *linear,
                               bool training);
void ic_cpu_linear_forward(struct ic_device *device, float *y, const float *x,
                           const float *weight, const float *bias, void *workspace,
                           const struct ic_linear *linear);
void ic_cpu_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const float *weight, void *workspace,
                                  const struct ic_linear *linear, bool accumulate);
void ic_cpu_linear_backward_weight(struct ic_device *device, float *dweight,
                                   float *dbias, const float *dy, const float *x,
                                   void *workspace, const struct ic_linear *linear);
void ic_cpu_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                          const float *logits, const int32_t *labels,
                          const int32_t *other_labels, const float *share,
                          const float *class_weight,
                          const struct ic_cross_entropy *shape);

void ic_cpu_adam_step(struct ic_device *device, float *parameters, float *mean,
                      float *square, const float *grads,
                      const struct ic_update_span *spans, size_t span_count,
                      const struct ic_adam *adam);
void ic_cpu_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                     const float *grads, const struct ic_update_span *spans,
                     size_t span_count, const struct ic_sgd *sgd);

#endif
