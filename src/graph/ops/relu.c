/* SPDX-License-Identifier: MIT */
/*
 * ReLU as a layer of its own, where no batch norm precedes it.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/kinds.h"

static size_t count_of(const struct ic_call *call)
{
    const struct ic_shape out = call->node->out;

    return (size_t)call->batch * (size_t)out.height * (size_t)out.width *
           (size_t)out.channels;
}

static void forward(const struct ic_call *call)
{
    call->backend->relu_forward(call->device, call->y, call->x[0], count_of(call));
}

static void backward(const struct ic_call *call)
{
    if (call->dx[0])
        call->backend->relu_backward(call->device, call->dx[0], call->dy, call->y,
                                     count_of(call), call->accumulate[0]);
}

const struct ic_op ic_relu_op = {
    .name = "relu",
    .forward = forward,
    .backward = backward,
};

int ic_relu(struct ic_graph *graph, const char *name, int x)
{
    struct ic_node *node;

    if (!ic_graph_usable_floats(graph, name, x))
        return 0;
    node = ic_graph_append(graph, &ic_relu_op, name, x, graph->nodes[x].out, NULL, 0);
    if (node == NULL)
        return 0;
    node->reads_output = true;
    node->output_in_place = true;
    node->gradient_in_place = 0;
    return ic_graph_newest(graph);
}
