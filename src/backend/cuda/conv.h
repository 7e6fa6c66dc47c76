/* SPDX-License-Identifier: MIT */
/*
 * The algorithms of convolutions, for conv.cu, which chooses among them. All operands
 * have the convolution's type: weights come as copies in that type (weights.cu), made
 * by the caller. The gradient of weights is fp32.
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

/* --- workspaces ------------------------------------------------------------------- */

/* Pieces of workspace begin at multiples of 256 bytes. */
IC_EVERYWHERE size_t ic_cuda_align(size_t bytes)
{
    return ic_parts(bytes, 256) * 256;
}

/* The bytes of a piece and of `more` after it. */
IC_EVERYWHERE size_t ic_cuda_with(size_t bytes, size_t more)
{
    return more == 0 ? bytes : ic_cuda_align(bytes) + more;
}

/* Where the piece after one of `bytes` bytes begins. */
IC_EVERYWHERE void *ic_cuda_behind(void *piece, size_t bytes)
{
    return (char *)piece + ic_cuda_align(bytes);
}

/* --- weights.cu ------------------------------------------------------------------- */

/* Bytes of workspace that the copies take: none where the type is fp32. */
size_t ic_cuda_weights_room(const struct ic_conv *conv);

/* The weights as operands: the floats themselves, or bf16 copies, made in `room`. */
const void *ic_cuda_weights(struct ic_device *device, void *room, const float *weight,
                            const struct ic_conv *conv);

/* Widens a gradient of weights from bf16: out = in, or out + in when `accumulate`. */
void ic_cuda_weights_widen(struct ic_device *device, float *out, const uint16_t *in,
                           size_t count, bool accumulate);

/* --- conv.cu ---------------------------------------------------------------------- */

/* The forward pass with weights that are operands already, and its workspace; all else
 * as in backend/backend.h. */
size_t ic_cuda_conv2d_packed_workspace(struct ic_device *device,
                                       const struct ic_conv *conv);
void ic_cuda_conv2d_forward_packed(struct ic_device *device, void *y, const void *x,
                                   const void *weight, void *workspace,
                                   const struct ic_conv *conv);

/* --- im2col.cu -------------------------------------------------------------------- */

size_t ic_cuda_im2col_workspace(struct ic_device *device, const struct ic_conv *conv,
                                enum ic_cuda_pass pass);
void ic_cuda_im2col_forward(struct ic_device *device, void *y, const void *x,
                            const void *weight, void *workspace,
                            const struct ic_conv *conv);
void ic_cuda_im2col_backward_input(struct ic_device *device, void *dx, const void *dy,
                                   const void *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate);
void ic_cuda_im2col_backward_weight(struct ic_device *device, float *dweight,
                                    const void *dy, const void *x, void *workspace,
                                    const struct ic_conv *conv);

/* --- conv_cudnn.cu, in a module with cuDNN ---------------------------------------- */

size_t ic_cuda_cudnn_workspace(struct ic_device *device, const struct ic_conv *conv,
                               enum ic_cuda_pass pass);
void ic_cuda_cudnn_forward(struct ic_device *device, void *y, const void *x,
                           const void *weight, void *workspace,
                           const struct ic_conv *conv);
void ic_cuda_cudnn_backward_input(struct ic_device *device, void *dx, const void *dy,
                                  const void *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate);
void ic_cuda_cudnn_backward_weight(struct ic_device *device, float *dweight,
                                   const void *dy, const void *x, void *workspace,
                                   const struct ic_conv *conv);

#endif
