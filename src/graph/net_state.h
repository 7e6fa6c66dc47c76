/* SPDX-License-Identifier: MIT */
/*
 * The fields of a network, for the files net*.c.
 */
#ifndef IC_GRAPH_NET_STATE_H
#define IC_GRAPH_NET_STATE_H

#include "graph/exchange.h"
#include "graph/net.h"
#include "graph/tree.h"

struct ic_net {
    const struct ic_graph *graph;
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_plan plan;
    int count;         /* pictures in the current batch */
    int whole;         /* pictures in the step that the batch belongs to */
    bool in_step;      /* between ic_net_begin_step and ic_net_end_step */
    bool packed_ready; /* by ic_net_pack_weights */
    bool mixed;        /* by ic_net_mix_losses */
    bool weighted;     /* by ic_net_weigh_classes */
    int start;         /* the node that the batch's forward pass begins with */
    struct ic_freeze freeze;
    int first_learning; /* the node above the frozen ones; 1 when nothing is frozen */
    struct ic_step_random random;
    const struct ic_observer *observer; /* NULL: none */
    char *memory;                       /* the block */
    enum ic_net_set set;                /* the one that passes take */
    float *params[IC_NET_SETS];         /* NULL: the plan has no average */
    float *states[IC_NET_SETS];         /* the same */
    struct ic_tree tree;                /* of the step's gradients */
    float *grads;       /* the tree's blocks; the first one gets the whole sum */
    double *statistics; /* of each of the step's micro-batches, as the states lie */
    float *slots;
    struct ic_comm *comm;        /* NULL: this rank is alone */
    struct ic_exchange exchange; /* closed where comm is NULL */
    char *host; /* gradients and statistics, where the device's memory is not the host's
                 */
    char *packed;      /* weights */
    char *activations; /* NULL in a net of weights alone */
};

/* The memory of a buffer of the plan; NULL when it has none. */
static inline void *ic_net_at(const struct ic_net *net, size_t offset)
{
    return offset == IC_NO_BUFFER ? NULL : net->activations + offset;
}

/* Where the coming forward pass writes its batch norms' statistics, laid out as the
 * states are. */
double *ic_net_statistics(const struct ic_net *net);

/* After a training pass: outside of a step, moves the running statistics. */
void ic_net_end_forward(struct ic_net *net);

/* The block that the coming gradients are written to. */
float *ic_net_begin_gradients(struct ic_net *net);

/* Adds the gradients just written to those of the step. */
void ic_net_end_gradients(struct ic_net *net);

/* At the end of a step, gives every rank the gradients and statistics of all of it. */
ic_status ic_net_exchange(struct ic_net *net, struct ic_error *error);

void ic_net_leave(struct ic_net *net);

#endif
