/* SPDX-License-Identifier: MIT */
/*
 * Makes the graph of a network that only computes: each batch norm becomes one node
 * with the convolution before it, and linear layers take a picture at a time. What such
 * a graph gives for a picture on the CPU has the same bits, whatever else is in its
 * batch.
 */
#ifndef IC_GRAPH_FOLD_H
#define IC_GRAPH_FOLD_H

#include "graph/graph.h"

enum ic_fold {
    IC_FOLD_NONE,
    IC_FOLD_FOR_MANY, /* the weights are packed once, in the form that is quickest to
                         use: for many batches */
    IC_FOLD_FOR_ONE   /* the form costs as little to make as to use: for one batch */
};

/* Folds every convolution whose output a batch norm alone reads into that norm, whose
 * name the node keeps. Nodes are renumbered; parameters and states keep their numbers,
 * names and places, so that weights files fit as before. The graph is finished, and
 * plans without training alone take it from now on (ic_net_pack_weights). */
ic_status ic_graph_fold(struct ic_graph *graph, enum ic_fold fold,
                        struct ic_error *error);

#endif
