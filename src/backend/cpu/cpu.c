/* SPDX-License-Identifier: MIT */
/*
 * The CPU backend's table.
 */
#include "backend/cpu/cpu.h"

const struct ic_backend ic_cpu_backend = {
    .name = "cpu",

    .open = ic_cpu_open,
    .close = ic_cpu_close,
    .describe = ic_cpu_describe,
    .arithmetic = ic_cpu_arithmetic,

    .host_memory = true,
    .memory_limit = ic_cpu_memory_limit,
    .alloc = ic_cpu_alloc,
    .release = ic_cpu_release,
    .upload = ic_cpu_upload,
    .download = ic_cpu_download,
    .sync = ic_cpu_sync,
    .watch = ic_cpu_watch,

    .fill = ic_cpu_fill,
    .normalize = ic_cpu_normalize,
    .normalize_mixed = ic_cpu_normalize_mixed,
    .sum_squares = ic_cpu_sum_squares,
    .add = ic_cpu_add,
    .average = ic_cpu_average,

    .conv2d_has = ic_cpu_conv2d_has,
    .conv2d_lacks = "",
    .conv2d_algorithm = ic_cpu_conv2d_algorithm,
    .conv2d_workspace = ic_cpu_conv2d_workspace,
    .conv2d_forward = ic_cpu_conv2d_forward,
    .conv2d_backward_input = ic_cpu_conv2d_backward_input,
    .conv2d_backward_weight = ic_cpu_conv2d_backward_weight,

    .conv2d_folded_bytes = ic_cpu_conv2d_folded_bytes,
    .conv2d_folded_workspace = ic_cpu_conv2d_folded_workspace,
    .conv2d_fold = ic_cpu_conv2d_fold,
    .conv2d_forward_folded = ic_cpu_conv2d_forward_folded,

    .batchnorm_workspace = ic_cpu_batchnorm_workspace,
    .batchnorm_forward_train = ic_cpu_batchnorm_forward_train,
    .batchnorm_move = ic_cpu_batchnorm_move,
    .batchnorm_recompute = ic_cpu_batchnorm_recompute,
    .batchnorm_forward_eval = ic_cpu_batchnorm_forward_eval,
    .batchnorm_backward = ic_cpu_batchnorm_backward,

    .maxpool_forward = ic_cpu_maxpool_forward,
    .maxpool_backward = ic_cpu_maxpool_backward,
    .avgpool_forward = ic_cpu_avgpool_forward,
    .avgpool_backward = ic_cpu_avgpool_backward,

    .concatpool_forward = ic_cpu_concatpool_forward,
    .concatpool_backward = ic_cpu_concatpool_backward,

    .relu_forward = ic_cpu_relu_forward,
    .relu_backward = ic_cpu_relu_backward,
    .dropout = ic_cpu_dropout,

    .linear_workspace = ic_cpu_linear_workspace,
    .linear_forward = ic_cpu_linear_forward,
    .linear_backward_input = ic_cpu_linear_backward_input,
    .linear_backward_weight = ic_cpu_linear_backward_weight,
    .cross_entropy = ic_cpu_cross_entropy,

    .adam_step = ic_cpu_adam_step,
    .sgd_step = ic_cpu_sgd_step,
};
