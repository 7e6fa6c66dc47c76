/* SPDX-License-Identifier: MIT */
/*
 * Folds a graph for inference: each batch norm becomes one node with the convolution
 * before it, and linear layers take one picture at a time. On the CPU, such a graph's
 * output for a picture has the same bits, whatever else is in the batch.
 */
#ifndef IC_GRAPH_FOLD_H
#define IC_GRAPH_FOLD_H

#include "graph/graph.h"

enum ic_fold {
    IC_FOLD_NONE,
    IC_FOLD_FOR_MANY, /* for many batches: weights are packed in the form that is
                         quickest to use */
    IC_FOLD_FOR_ONE   /* for one batch: in the form quickest to make and then use */
};

/* Folds every convolution whose output only a batch norm reads into that norm; the node
 * keeps the norm's name. Nodes are renumbered. Parameters and states keep their
 * numbers, names and places, so that weights files fit as before. The graph must be
 * finished; from now on only plans without training take it (ic_net_pack_weights). */
ic_status ic_graph_fold(struct ic_graph *graph, enum ic_fold fold,
                        struct ic_error *error);

#endif
