/* SPDX-License-Identifier: MIT */
/*
 * The kinds of nodes, for code that translates graphs (src/export): a node's op is its
 * kind, and the structure of its configuration is here or in conv_norm.h. Ops without a
 * structure have no configuration that matters in inference.
 */
#ifndef IC_GRAPH_OPS_KINDS_H
#define IC_GRAPH_OPS_KINDS_H

#include "graph/ops/conv_norm.h"

struct ic_maxpool_config {
    int kernel, stride, pad;
};

extern const struct ic_op ic_avgpool_op, ic_concatpool_op, ic_dropout_op, ic_linear_op,
    ic_maxpool_op, ic_relu_op;

/* Takes the place of ic_linear_op in a folded graph: one product for each picture, so
 * its bits are the same in every batch. In one product for a whole batch, a BLAS may
 * add up in another order when the batch is larger. */
extern const struct ic_op ic_linear_each_op;

#endif
