/* SPDX-License-Identifier: MIT */
/*
 * Global average pooling: the mean over all pixels.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/globalpool.h"
#include "graph/ops/kinds.h"

static void forward(const struct ic_call *call)
{
    const struct ic_globalpool pool = ic_globalpool_of(call);

    call->backend->avgpool_forward(call->device, call->y, call->x[0], &pool);
}

static void backward(const struct ic_call *call)
{
    const struct ic_globalpool pool = ic_globalpool_of(call);

    if (call->dx[0])
        call->backend->avgpool_backward(call->device, call->dx[0], call->dy, &pool,
                                        call->accumulate[0]);
}

const struct ic_op ic_avgpool_op = {
    .name = "avgpool",
    .forward = forward,
    .backward = backward,
};

int ic_avgpool(struct ic_graph *graph, const char *name, int x)
{
    struct ic_shape out;
    struct ic_node *node;

    if (!ic_graph_usable(graph, x))
        return 0;
    out = (struct ic_shape){1, 1, graph->nodes[x].out.channels};
    node = ic_graph_append(graph, &ic_avgpool_op, name, x, out, NULL, 0);
    if (node == NULL)
        return 0;
    node->type = IC_TYPE_FP32;
    return ic_graph_newest(graph);
}
