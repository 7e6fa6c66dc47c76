/* SPDX-License-Identifier: MIT */
/*
 * Where every array of a network lies, computed before anything is allocated.
 *
 * Time is a row of steps: with n nodes, the forward pass of node i is step i, the loss
 * is step n, and the backward pass of node i is step 2 n - i. A buffer lives from the
 * step that writes it first to the step that reads it last; two buffers share memory
 * when their lives do not meet. The plan knows sizes and lives, and finds offsets;
 * ic_net_open allocates one block of the size found.
 *
 * Parameters, states, their average, gradients of parameters, the micro-batches'
 * statistics, optimiser slots and packed weights live throughout.
 */
#ifndef IC_GRAPH_PLAN_H
#define IC_GRAPH_PLAN_H

#include "base/stretch.h"
#include "graph/graph.h"

/* The part of a network that gets memory. For inference several networks may share the
 * weights of one, which is planned as IC_PLAN_WEIGHTS and can compute nothing; the
 * others are planned as IC_PLAN_WORK. */
enum ic_plan_part {
    IC_PLAN_WHOLE,
    IC_PLAN_WEIGHTS, /* parameters, states, and packed weights */
    IC_PLAN_WORK     /* activations and workspace */
};

struct ic_plan_options {
    int batch;     /* largest batch, in pictures */
    int step;      /* pictures of a training step, computed as micro-batches of `batch`;
                      0: a batch is a step */
    bool training; /* with gradients; otherwise forward passes alone */
    bool mixing;   /* pictures may be mixed (ic_net_input_mixed, ic_net_mix_losses) */
    bool weighted; /* classes have weights in the loss (ic_net_weigh_classes) */
    int slots;     /* optimiser blocks as large as the parameters: Adam 2, SGD 1 */
    bool average;  /* a second set of parameters and states, see ic_net_select */
    bool keep_all; /* no sharing: every activation and gradient can be read (dump) */
    enum ic_plan_part part;

    /* A training step that several ranks share: this rank computes its stretch of the
     * micro-batches, at least one. 0 ranks: this process is alone. */
    int rank, ranks;
    int ranks_here; /* on this machine: they share its memory */

    /* Only for ic_plan_needs; 0 where they do not matter. */
    size_t beside; /* bytes of host memory that the program takes besides the plan */
    size_t beside_picture; /* further bytes for each picture of a step */
    bool resume; /* at first a file of all that lives throughout is read into memory */
};

/* Marks a buffer that this plan does not have. */
#define IC_NO_BUFFER ((size_t)-1)

struct ic_plan_node {
    size_t out, dout;      /* offsets, in bytes, within the activation block */
    size_t out_recomputed; /* offset of the output that backward recomputes */
    int recompute_at;      /* node whose backward step begins with the recomputing */
    size_t saved[IC_NODE_SAVED];
    size_t workspace, backward_workspace;
    size_t packed;                   /* offset within the block of packed weights */
    bool accumulate[IC_NODE_INPUTS]; /* this node adds to its input's gradient */
    bool needs_dx[IC_NODE_INPUTS];   /* a node below needs this gradient */
};

struct ic_plan {
    struct ic_plan_options options;
    struct ic_plan_node *nodes; /* one per node; owned */
    size_t rgb, labels, losses; /* the batch as it comes in, and its losses */
    size_t other_rgb, other_labels, share; /* for mixing the batch */
    size_t class_weights;

    /* Bytes. */
    size_t param_bytes, state_bytes, slot_bytes;
    size_t grad_bytes;       /* of all the blocks of gradients */
    size_t statistics_bytes; /* of the batch statistics of a step's micro-batches */
    size_t average_bytes;    /* of the second set: parameters and states */
    size_t activation_bytes; /* the shared block: activations, gradients, workspace */
    size_t packed_bytes;     /* the block of packed weights */
    size_t exchange_bytes;   /* of the host: gradients on their way between ranks */
    size_t largest_bytes;    /* of one array of parameters */
    size_t total_bytes;      /* of the device in all, whatever the part */
    size_t own_bytes;        /* what the part allocates */
};

/* Lays out a finished graph. The device says how much workspace its kernels want.
 * Refused: sizes that overflow, and a fault that the device meets while it chooses its
 * kernels. On failure *ret_plan is all zero. */
ic_status ic_plan_make(const struct ic_graph *graph, const struct ic_backend *backend,
                       struct ic_device *device, const struct ic_plan_options *options,
                       struct ic_plan *ret_plan, struct ic_error *error);

/* Micro-batches of a training step, at most. */
int ic_plan_micro_batches(const struct ic_plan_options *options);

/* The micro-batches that this rank computes in a step of `pictures`, and the pictures
 * in them. */
struct ic_stretch ic_plan_own_micro_batches(const struct ic_plan_options *options,
                                            int pictures);
struct ic_stretch ic_plan_own_pictures(const struct ic_plan_options *options,
                                       int pictures);

/* Blocks of gradients, each as large as the parameters, that a training step needs:
 * one, or more where this rank computes several micro-batches (tree.h). */
int ic_plan_gradient_blocks(const struct ic_plan_options *options);

/* The count of a micro-batch's statistics: as many as the states, with padding. */
size_t ic_plan_statistics(const struct ic_graph *graph);

/* Bytes that a process with this plan takes of the memory that the device uses: the
 * plan (for a net beside the weights of another one, only its own part) and, on a
 * device that uses the host's memory, what the program takes besides. It is the peak:
 * either at work, or while a resume reads its file. */
uint64_t ic_plan_needs(const struct ic_plan *plan, const struct ic_backend *backend);

/* Refuses a plan that needs more than the device's memory limit, with the figure and
 * the largest batch that would fit. */
ic_status ic_plan_check(const struct ic_plan *plan, const struct ic_graph *graph,
                        const struct ic_backend *backend, struct ic_device *device,
                        struct ic_error *error);

void ic_plan_free(struct ic_plan *plan);

#endif
