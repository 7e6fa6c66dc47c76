/* SPDX-License-Identifier: MIT */
/*
 * The builders: each appends one node and returns its number.
 *
 * `name` is the module's name in weights files; parameters are called NAME.weight and
 * so on. `x` is the number of an existing node. After an error every builder returns 0.
 */
#ifndef IC_GRAPH_OPS_H
#define IC_GRAPH_OPS_H

#include "graph/graph.h"

/* Convolution without bias; out_channels x kernel x kernel x in_channels weights. */
int ic_conv2d(struct ic_graph *graph, const char *name, int x, int out_channels,
              int kernel, int stride, int pad);

#define IC_NO_RESIDUAL (-1)

/* Batch normalisation, then "+ residual" unless IC_NO_RESIDUAL, then ReLU if `relu`.
 * epsilon 1e-5, momentum 0.1, as torch.nn.BatchNorm2d. */
int ic_batchnorm(struct ic_graph *graph, const char *name, int x, int residual,
                 bool relu);

int ic_maxpool(struct ic_graph *graph, const char *name, int x, int kernel, int stride,
               int pad);

/* The mean over all pixels: 1 x 1 x channels. */
int ic_avgpool(struct ic_graph *graph, const char *name, int x);

/* The maximum over all pixels and the mean: 1 x 1 x 2 channels. */
int ic_concatpool(struct ic_graph *graph, const char *name, int x);

int ic_relu(struct ic_graph *graph, const char *name, int x);

/* Drops a share `rate` of the features, at random, in training only. */
int ic_dropout(struct ic_graph *graph, const char *name, int x, double rate);

/* out = x weight^T + bias, over all of x's features; initialised as torch.nn.Linear. */
int ic_linear(struct ic_graph *graph, const char *name, int x, int out_features);

/* The same without bias; initialised as fastai's heads: normal with std
 * sqrt(2 / features). */
int ic_linear_unbiased(struct ic_graph *graph, const char *name, int x,
                       int out_features);

#endif
