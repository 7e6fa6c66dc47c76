/* SPDX-License-Identifier: MIT */
/*
 * While a part of the network is frozen, most of a block of gradients is zero. Before
 * such blocks go over a network their learning arrays are packed: moved to the front,
 * one after the other.
 */
#ifndef IC_GRAPH_PACK_H
#define IC_GRAPH_PACK_H

#include "graph/graph.h"

/* Packs a block of gradients (graph->param_floats, host) in its place. Returns the
 * number of floats that are packed; what lies behind them means nothing then. */
size_t ic_gradients_pack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block);

/* Moves them back; all else becomes zero. */
void ic_gradients_unpack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block);

#endif
