/* SPDX-License-Identifier: MIT */
/*
 * The interface of an operation to the graph: one const object for each kind, in ops/.
 *
 * There is no list of operations and no switch over them. A node points to its op; the
 * network fills an ic_call with all arrays of the node at this moment, and the op
 * passes them to the backend's kernel. Builders are declared in ops.h.
 */
#ifndef IC_GRAPH_OP_H
#define IC_GRAPH_OP_H

#include "graph/graph.h"

/* One node at work on one batch. Pointers are device memory. */
struct ic_call {
    const struct ic_backend *backend;
    struct ic_device *device;
    const struct ic_node *node;
    struct ic_shape in[IC_NODE_INPUTS];
    enum ic_type in_type; /* of the inputs; the output's is the node's */
    int batch;
    int plan_batch; /* the largest batch, by which kernels are chosen */
    bool training;  /* forward: batch statistics, and save what backward needs */
    struct ic_step_random random;

    void *y;                       /* batch, out shape, of node->type */
    const void *x[IC_NODE_INPUTS]; /* batch, in shape, of in_type */
    float *params[IC_NODE_PARAMS];
    float *states[IC_NODE_STATES];
    double *statistics[IC_NODE_STATES]; /* written in training: what the states are to
                                           move towards; NULL otherwise */
    void *saved[IC_NODE_SAVED];
    void *workspace;
    void *packed; /* weights that the op's `pack` has packed */

    /* Backward alone. */
    void *dy;                        /* as y */
    void *dx[IC_NODE_INPUTS];        /* as x; NULL where not needed; dy itself where
                                        the node's gradient_in_place allows it */
    bool accumulate[IC_NODE_INPUTS]; /* add to dx instead of writing it */
    float *dparams[IC_NODE_PARAMS];  /* written; NULL where frozen */
};

/* An m x k matrix times a k x n matrix. */
struct ic_gemm_size {
    uint64_t m, n, k;
};

struct ic_op {
    const char *name; /* "conv2d" */

    /* One sample's forward pass as a matrix product, for `summary`; NULL where the op
     * is not a product. The multiply-adds are m n k. */
    struct ic_gemm_size (*gemm)(const struct ic_node *node, struct ic_shape in);

    /* Name of the algorithm that the backend takes; NULL where it has no choice. */
    const char *(*algorithm)(const struct ic_node *node, struct ic_shape in,
                             const struct ic_backend *backend, int batch);

    /* Bytes of workspace for a batch; NULL for none. */
    size_t (*workspace)(const struct ic_node *node, const struct ic_shape *in,
                        const struct ic_backend *backend, struct ic_device *device,
                        int batch, bool training);

    /* Bytes of the node's packed weights, which `pack` makes from parameters and states
     * before the first forward pass. Both are NULL for an op that packs nothing. */
    size_t (*packed_bytes)(const struct ic_node *node, struct ic_shape in,
                           const struct ic_backend *backend, struct ic_device *device,
                           int batch);
    void (*pack)(const struct ic_call *call);

    void (*forward)(const struct ic_call *call);

    /* Computes y again, bit for bit, after a forward pass in training, from x and what
     * that pass saved; NULL for an op without `recomputable` nodes. */
    void (*recompute)(const struct ic_call *call);

    /* `backward_weight`, which runs first, gives the gradients of the parameters, and
     * `backward` that of the input, without reading x. Where `backward_weight` is NULL,
     * `backward` gives all gradients. Both are NULL in an op for inference only. */
    void (*backward_weight)(const struct ic_call *call);
    void (*backward)(const struct ic_call *call);
};

#endif
