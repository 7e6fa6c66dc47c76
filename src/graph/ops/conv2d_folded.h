/* SPDX-License-Identifier: MIT */
/*
 * The op of conv2d_folded.c, for graph/fold.c. Its parameters are the convolution's
 * weight, then the norm's weight and bias; its states are the norm's.
 */
#ifndef IC_GRAPH_OPS_CONV2D_FOLDED_H
#define IC_GRAPH_OPS_CONV2D_FOLDED_H

#include "graph/ops/conv_norm.h"

struct ic_folded_config {
    struct ic_conv2d_config conv; /* first: see ic_conv2d_describe */
    struct ic_batchnorm_config norm;
    bool once; /* for a single batch: packed in the form quickest to make and use */
};

extern const struct ic_op ic_folded_op;

#endif
