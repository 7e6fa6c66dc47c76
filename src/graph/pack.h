/* SPDX-License-Identifier: MIT */
/*
 * Packs gradients for their way between ranks. While a part of the network is frozen,
 * most of a block of gradients is zero. Packing moves the arrays that learn to the
 * front, one after the other.
 */
#ifndef IC_GRAPH_PACK_H
#define IC_GRAPH_PACK_H

#include "graph/graph.h"

/* Packs a block of gradients (graph->param_floats, host) in place. Returns the number
 * of packed floats; the floats after them are then undefined. */
size_t ic_gradients_pack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block);

/* Moves packed gradients back; all others become zero. */
void ic_gradients_unpack(const struct ic_graph *graph, struct ic_freeze freeze,
                         float *block);

#endif
