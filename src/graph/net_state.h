/*
 * A network's insides, for net.c, net_memory.c and net_sets.c.
 */
#ifndef IC_GRAPH_NET_STATE_H
#define IC_GRAPH_NET_STATE_H

#include "graph/net.h"

struct ic_net {
    const struct ic_graph *graph;
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_plan plan;
    int count;     /* pictures in the current batch */
    int whole;     /* and in that which it is a part of: see ic_net_set_part */
    bool prepared; /* what nodes keep is there; ic_net_prepare */
    bool mixed;    /* by ic_net_input_mixed */
    int start;     /* the node that its forward pass begins with */
    struct ic_freeze freeze;
    int first_learning; /* the node above the frozen ones; 1 when nothing is frozen */
    struct ic_draw draw;
    const struct ic_observer *observer; /* NULL: nobody */
    char *memory;                       /* the block */
    enum ic_net_set set;                /* the one that passes take */
    float *params[IC_NET_SETS];         /* NULL: the plan has no average */
    float *states[IC_NET_SETS];         /* the same */
    float *grads, *slots;
    char *kept;        /* what nodes keep */
    char *activations; /* NULL in a net of weights alone */
};

/* The memory of a buffer of the plan; NULL when it has none. */
static inline void *ic_net_at(const struct ic_net *net, size_t offset)
{
    return offset == IC_NO_BUFFER ? NULL : net->activations + offset;
}

#endif
