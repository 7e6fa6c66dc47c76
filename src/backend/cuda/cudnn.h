/* SPDX-License-Identifier: MIT */
/*
 * Convolutions by cuDNN, as conv_cudnn.cu asks for them. cudnn.cu calls the library; it
 * is left out of a module that is built without cuDNN (IC_CUDNN).
 */
#ifndef IC_BACKEND_CUDA_CUDNN_H
#define IC_BACKEND_CUDA_CUDNN_H

#include "backend/cuda/conv.h"

/* Bytes of workspace that a pass of exactly this shape and batch takes. The first call
 * chooses cuDNN's algorithm and makes its descriptors; a run finds them. */
size_t ic_cuda_cudnn_plan(struct ic_device *device, const struct ic_conv *conv,
                          enum ic_cuda_pass pass);

/* Runs a pass that was planned, with its inputs in the order of its entry in
 * backend/backend.h; all arrays are of the convolution's type. */
void ic_cuda_cudnn_run(struct ic_device *device, void *out, const void *left,
                       const void *right, void *workspace, const struct ic_conv *conv,
                       enum ic_cuda_pass pass, bool accumulate);

#endif
