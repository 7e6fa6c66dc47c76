/* SPDX-License-Identifier: MIT */
/*
 * The maximum and the mean over all pixels, side by side: 2 x channels features. The
 * node keeps which pixel held each maximum.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/globalpool.h"
#include "graph/ops/kinds.h"

static void forward(const struct ic_call *call)
{
    const struct ic_globalpool pool = ic_globalpool_of(call);

    call->backend->concatpool_forward(call->device, call->y, call->saved[0], call->x[0],
                                      &pool);
}

static void backward(const struct ic_call *call)
{
    const struct ic_globalpool pool = ic_globalpool_of(call);

    if (call->dx[0])
        call->backend->concatpool_backward(call->device, call->dx[0], call->dy,
                                           call->saved[0], &pool, call->accumulate[0]);
}

const struct ic_op ic_concatpool_op = {
    .name = "concatpool",
    .forward = forward,
    .backward = backward,
};

int ic_concatpool(struct ic_graph *graph, const char *name, int x)
{
    struct ic_shape in;
    struct ic_node *node;

    if (!ic_graph_usable(graph, x))
        return 0;
    in = graph->nodes[x].out;
    node = ic_graph_append(graph, &ic_concatpool_op, name, x,
                           (struct ic_shape){1, 1, 2 * in.channels}, NULL, 0);
    if (node == NULL)
        return 0;
    node->type = IC_TYPE_FP32;
    node->saved_count = 1;
    node->saved_per_sample[0] = (size_t)in.channels * sizeof(int32_t);
    return ic_graph_newest(graph);
}
