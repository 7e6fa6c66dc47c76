/* SPDX-License-Identifier: MIT */
/*
 * What a node computes, for those that say it in other terms (src/export): the op that
 * it points to is its kind, and its configuration is the structure that stands here or
 * in conv_norm.h. Ops without a structure have no configuration that matters in
 * inference.
 */
#ifndef IC_GRAPH_OPS_KINDS_H
#define IC_GRAPH_OPS_KINDS_H

#include "graph/ops/conv_norm.h"

struct ic_maxpool_config {
    int kernel, stride, pad;
};

extern const struct ic_op ic_avgpool_op, ic_concatpool_op, ic_dropout_op, ic_linear_op,
    ic_maxpool_op, ic_relu_op;

/* Takes the place of ic_linear_op in a folded graph: a product for each picture, whose
 * bits are the same in every batch. Of one product for all of them, a BLAS may add up
 * the sums in another order when there are more. */
extern const struct ic_op ic_linear_each_op;

#endif
