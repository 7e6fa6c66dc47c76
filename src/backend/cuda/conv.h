/*
 * A convolution by one algorithm, for conv.cu, which chooses among them. Weights come
 * as operands (operand.h), made by the caller.
 */
#ifndef IC_BACKEND_CUDA_CONV_H
#define IC_BACKEND_CUDA_CONV_H

#include "backend/cuda/cuda.h"

enum ic_cuda_pass {
    IC_CUDA_FORWARD,
    IC_CUDA_BACKWARD_INPUT,
    IC_CUDA_BACKWARD_WEIGHT,
    IC_CUDA_PASSES
};

/* Floats of the weights. */
IC_EVERYWHERE size_t ic_cuda_conv2d_weights(const struct ic_conv *conv)
{
    return (size_t)conv->out_channels * (size_t)conv->kernel * (size_t)conv->kernel *
           (size_t)conv->in_channels;
}

/* The forward pass with weights that are operands already, and its workspace; the rest
 * as in backend/backend.h. */
size_t ic_cuda_conv2d_kept_workspace(struct ic_device *device,
                                     const struct ic_conv *conv);
void ic_cuda_conv2d_forward_kept(struct ic_device *device, float *y, const float *x,
                                 const void *weight, void *workspace,
                                 const struct ic_conv *conv);

/* --- im2col.cu -------------------------------------------------------------------- */

size_t ic_cuda_im2col_workspace(struct ic_device *device, const struct ic_conv *conv,
                                enum ic_cuda_pass pass);
void ic_cuda_im2col_forward(struct ic_device *device, float *y, const float *x,
                            const void *weight, void *workspace,
                            const struct ic_conv *conv);
void ic_cuda_im2col_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const void *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate);
void ic_cuda_im2col_backward_weight(struct ic_device *device, float *dweight,
                                    const float *dy, const float *x, void *workspace,
                                    const struct ic_conv *conv, bool accumulate);

/* --- conv_cudnn.cu, in a module with cuDNN ---------------------------------------- */

size_t ic_cuda_cudnn_workspace(struct ic_device *device, const struct ic_conv *conv,
                               enum ic_cuda_pass pass);
void ic_cuda_cudnn_forward(struct ic_device *device, float *y, const float *x,
                           const void *weight, void *workspace,
                           const struct ic_conv *conv);
void ic_cuda_cudnn_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const void *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate);
void ic_cuda_cudnn_backward_weight(struct ic_device *device, float *dweight,
                                   const float *dy, const float *x, void *workspace,
                                   const struct ic_conv *conv, bool accumulate);

#endif
