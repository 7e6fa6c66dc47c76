/* SPDX-License-Identifier: MIT */
/*
 * The configurations and ops of a convolution and a batch norm, for conv2d_folded.c,
 * which makes one node of both.
 */
#ifndef IC_GRAPH_OPS_CONV_NORM_H
#define IC_GRAPH_OPS_CONV_NORM_H

#include "graph/op.h"

struct ic_conv2d_config {
    int kernel, stride, pad;
    enum ic_conv_algorithm algorithm;
};

struct ic_batchnorm_config {
    bool relu;
    float epsilon;
};

extern const struct ic_op ic_conv2d_op, ic_batchnorm_op;

/* The sizes of a convolution, and of its matrix product, for a node whose configuration
 * begins with a struct ic_conv2d_config. */
struct ic_conv ic_conv2d_describe(const struct ic_node *node, struct ic_shape in,
                                  int batch);
struct ic_gemm_size ic_conv2d_gemm(const struct ic_node *node, struct ic_shape in);

#endif
