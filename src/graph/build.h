/* SPDX-License-Identifier: MIT */
/*
 * The tools of the builders in ops/. Only they and graph.c include this header.
 */
#ifndef IC_GRAPH_BUILD_H
#define IC_GRAPH_BUILD_H

#include "graph/op.h"

/* Records the graph's first error; later ones are dropped. Returns 0, as the failing
 * builder does. */
int ic_graph_fail(struct ic_graph *graph, ic_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True when a builder can go on: no error so far, and x is an existing node. */
bool ic_graph_usable(const struct ic_graph *graph, int x);

/* The same for a node that reads only fp32; an input of another type is an error. */
bool ic_graph_usable_floats(struct ic_graph *graph, const char *name, int x);

/* Appends a node with one input, a copy of `config` (config_size bytes; NULL and 0 for
 * none) and the given output, and returns it; NULL after an error. The pointer is good
 * until the next append. */
struct ic_node *ic_graph_append(struct ic_graph *graph, const struct ic_op *op,
                                const char *name, int x, struct ic_shape out,
                                const void *config, size_t config_size);

/* Gives the newest node a parameter or a state, called NODE.suffix, of `rank` dims. The
 * group is the graph's current one; a state's role is IC_NORM. */
void ic_graph_add_param(struct ic_graph *graph, const char *suffix, int rank,
                        const int *dims, enum ic_init init, int fan, enum ic_role role);
void ic_graph_add_state(struct ic_graph *graph, const char *suffix, int length,
                        enum ic_init init);

/* Number of the newest node, which a builder returns. */
int ic_graph_newest(const struct ic_graph *graph);

/* Output extent of a window that slides over `in` + 2 pad cells; 0 when it does not
 * fit.
 */
int ic_window_extent(int in, int kernel, int stride, int pad);

#endif
