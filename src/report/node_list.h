/* SPDX-License-Identifier: MIT */
/*
 * A network as a list of its nodes in the order of computation, as JSON text in the
 * metadata of a dump ("nodes", docs/check-an-engine.md), so that whoever compares two
 * dumps knows what each node computes, and from what.
 */
#ifndef IC_REPORT_NODE_LIST_H
#define IC_REPORT_NODE_LIST_H

#include "graph/graph.h"

enum ic_node_op {
    IC_NODE_INPUT,
    IC_NODE_CONV2D,
    IC_NODE_BATCHNORM,
    IC_NODE_MAXPOOL,
    IC_NODE_AVGPOOL,
    IC_NODE_CONCATPOOL,
    IC_NODE_LINEAR,
    IC_NODE_RELU,
    IC_NODE_DROPOUT,
    IC_NODE_OPS
};

struct ic_listed_node {
    const char *name;
    enum ic_node_op op;
    int inputs[IC_NODE_INPUTS]; /* numbers of earlier nodes */
    int input_count;
    const char *params[IC_NODE_PARAMS], *states[IC_NODE_STATES];
    int param_count, state_count;
    int kernel, stride, pad; /* of a convolution or a max pool */
    double epsilon, momentum;
    bool relu; /* of a batch norm */
};

struct ic_node_list {
    const struct ic_listed_node *nodes; /* node 0 is the input */
    int count;
};

/* The text for a graph that is not folded; the caller frees it. NULL: no memory. */
char *ic_node_list_text(const struct ic_graph *graph);

/* Reads such a text into the arena. Refused (IC_ERR_FORMAT): anything but such a list;
 * `path` is for the message. */
ic_status ic_node_list_read(const char *text, const char *path, struct ic_arena *arena,
                            struct ic_node_list *ret_list, struct ic_error *error);

#endif
