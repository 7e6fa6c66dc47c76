/* SPDX-License-Identifier: MIT */
/*
 * The CUDA backend: its table, and the one name that the module exports.
 */
#include "backend/cuda/cuda.h"

#ifdef __cplusplus
extern "C" {
#endif
#include "backend/interface.h"
#include "base/module.h"

extern const struct ic_module ic_backend_module;
#ifdef __cplusplus
}
#endif

#ifdef IC_CUDNN
#define CONV2D_LACKS ""
#else
#define CONV2D_LACKS "; it was built without cuDNN"
#endif

static const struct ic_backend ic_cuda_backend = {
    .name = "cuda",

    .open = ic_cuda_open,
    .close = ic_cuda_close,
    .describe = ic_cuda_describe,
    .arithmetic = ic_cuda_describe,

    .memory_limit = ic_cuda_memory_limit,
    .alloc = ic_cuda_alloc,
    .release = ic_cuda_release,
    .upload = ic_cuda_upload,
    .download = ic_cuda_download,
    .sync = ic_cuda_sync,
    .watch = ic_cuda_watch,

    .fill = ic_cuda_fill,
    .normalize = ic_cuda_normalize,
    .normalize_mixed = ic_cuda_normalize_mixed,
    .sum_squares = ic_cuda_sum_squares,
    .add = ic_cuda_add,
    .average = ic_cuda_average,

    .conv2d_has = ic_cuda_conv2d_has,
    .conv2d_lacks = CONV2D_LACKS,
    .conv2d_algorithm = ic_cuda_conv2d_algorithm,
    .conv2d_workspace = ic_cuda_conv2d_workspace,
    .conv2d_forward = ic_cuda_conv2d_forward,
    .conv2d_backward_input = ic_cuda_conv2d_backward_input,
    .conv2d_backward_weight = ic_cuda_conv2d_backward_weight,

    .conv2d_folded_bytes = ic_cuda_conv2d_folded_bytes,
    .conv2d_folded_workspace = ic_cuda_conv2d_folded_workspace,
    .conv2d_fold = ic_cuda_conv2d_fold,
    .conv2d_forward_folded = ic_cuda_conv2d_forward_folded,

    .batchnorm_workspace = ic_cuda_batchnorm_workspace,
    .batchnorm_forward_train = ic_cuda_batchnorm_forward_train,
    .batchnorm_move = ic_cuda_batchnorm_move,
    .batchnorm_recompute = ic_cuda_batchnorm_recompute,
    .batchnorm_forward_eval = ic_cuda_batchnorm_forward_eval,
    .batchnorm_backward = ic_cuda_batchnorm_backward,

    .maxpool_forward = ic_cuda_maxpool_forward,
    .maxpool_backward = ic_cuda_maxpool_backward,
    .avgpool_forward = ic_cuda_avgpool_forward,
    .avgpool_backward = ic_cuda_avgpool_backward,

    .concatpool_forward = ic_cuda_concatpool_forward,
    .concatpool_backward = ic_cuda_concatpool_backward,

    .relu_forward = ic_cuda_relu_forward,
    .relu_backward = ic_cuda_relu_backward,
    .dropout = ic_cuda_dropout,

    .linear_workspace = ic_cuda_linear_workspace,
    .linear_forward = ic_cuda_linear_forward,
    .linear_backward_input = ic_cuda_linear_backward_input,
    .linear_backward_weight = ic_cuda_linear_backward_weight,
    .cross_entropy = ic_cuda_cross_entropy,

    .adam_step = ic_cuda_adam_step,
    .sgd_step = ic_cuda_sgd_step,
};

const struct ic_module ic_backend_module = {
    PACKAGE_VERSION,
    IC_BACKEND_INTERFACE,
    &ic_cuda_backend,
};
