/* SPDX-License-Identifier: MIT */
/*
 * A memory plan while it is made, for plan.c and plan_backward.c.
 */
#ifndef IC_GRAPH_PLAN_DRAFT_H
#define IC_GRAPH_PLAN_DRAFT_H

#include "graph/layout.h"
#include "graph/plan.h"

/* The buffers, and which of them each array of the plan has. Several arrays may share
 * one buffer (in place). */
struct ic_plan_draft {
    const struct ic_graph *graph;
    const struct ic_plan_options *options;
    struct ic_plan *plan;
    struct ic_buffer *buffers;
    size_t count;
    bool overflow;
    int *readers; /* of each node's output: how many nodes take it */
    bool *wanted; /* of each node's output: its gradient is needed */
};

/* The steps: see plan.h. */
static inline int ic_plan_forward_step(int node)
{
    return node;
}

static inline int ic_plan_loss_step(const struct ic_plan_draft *draft)
{
    return draft->graph->count;
}

static inline int ic_plan_backward_step(const struct ic_plan_draft *draft, int node)
{
    return 2 * draft->graph->count - node;
}

static inline int ic_plan_last_step(const struct ic_plan_draft *draft)
{
    return 2 * draft->graph->count;
}

/* A new buffer of per_sample * batch + once bytes; its number. */
size_t ic_plan_add_buffer(struct ic_plan_draft *draft, size_t per_sample, size_t once,
                          int first, int last);

/* Extends the life of a buffer to `step`. */
void ic_plan_stretch(struct ic_plan_draft *draft, size_t buffer, int step);

/* Lets outputs live as long as backward reads them, or plans where they are recomputed.
 * To be called after the outputs have their buffers. */
void ic_plan_outputs_backward(struct ic_plan_draft *draft);

/* Plans the gradients. */
void ic_plan_gradients(struct ic_plan_draft *draft);

/* Bytes of host memory for the exchange between ranks: the chunks that come in and,
 * where a device has memory of its own, the gradients. */
size_t ic_plan_exchange(const struct ic_plan *plan, const struct ic_backend *backend);

#endif
