/* SPDX-License-Identifier: MIT */
/*
 * The reference backend's table.
 */
#include "backend/reference/reference.h"

const struct ic_backend ic_reference_backend = {
    .name = "reference",

    .open = ic_reference_open,
    .close = ic_reference_close,
    .describe = ic_reference_describe,
    .arithmetic = ic_reference_describe,

    .host_memory = true,
    .download_rounds = true,
    .memory_limit = ic_reference_memory_limit,
    .alloc = ic_reference_alloc,
    .release = ic_reference_release,
    .upload = ic_reference_upload,
    .download = ic_reference_download,
    .sync = ic_reference_sync,
    .watch = ic_reference_watch,

    .fill = ic_reference_fill,
    .normalize = ic_reference_normalize,
    .normalize_mixed = ic_reference_normalize_mixed,
    .sum_squares = ic_reference_sum_squares,
    .add = ic_reference_add,
    .average = ic_reference_average,

    .conv2d_has = ic_reference_conv2d_has,
    .conv2d_lacks = "",
    .conv2d_algorithm = ic_reference_conv2d_algorithm,
    .conv2d_workspace = ic_reference_conv2d_workspace,
    .conv2d_forward = ic_reference_conv2d_forward,
    .conv2d_backward_input = ic_reference_conv2d_backward_input,
    .conv2d_backward_weight = ic_reference_conv2d_backward_weight,

    .conv2d_folded_bytes = ic_reference_conv2d_folded_bytes,
    .conv2d_folded_workspace = ic_reference_conv2d_folded_workspace,
    .conv2d_fold = ic_reference_conv2d_fold,
    .conv2d_forward_folded = ic_reference_conv2d_forward_folded,

    .batchnorm_workspace = ic_reference_batchnorm_workspace,
    .batchnorm_forward_train = ic_reference_batchnorm_forward_train,
    .batchnorm_move = ic_reference_batchnorm_move,
    .batchnorm_recompute = ic_reference_batchnorm_recompute,
    .batchnorm_forward_eval = ic_reference_batchnorm_forward_eval,
    .batchnorm_backward = ic_reference_batchnorm_backward,

    .maxpool_forward = ic_reference_maxpool_forward,
    .maxpool_backward = ic_reference_maxpool_backward,
    .avgpool_forward = ic_reference_avgpool_forward,
    .avgpool_backward = ic_reference_avgpool_backward,

    .concatpool_forward = ic_reference_concatpool_forward,
    .concatpool_backward = ic_reference_concatpool_backward,

    .relu_forward = ic_reference_relu_forward,
    .relu_backward = ic_reference_relu_backward,
    .dropout = ic_reference_dropout,

    .linear_workspace = ic_reference_linear_workspace,
    .linear_forward = ic_reference_linear_forward,
    .linear_backward_input = ic_reference_linear_backward_input,
    .linear_backward_weight = ic_reference_linear_backward_weight,
    .cross_entropy = ic_reference_cross_entropy,

    .adam_step = ic_reference_adam_step,
    .sgd_step = ic_reference_sgd_step,
};
