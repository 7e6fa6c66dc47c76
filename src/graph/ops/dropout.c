/* SPDX-License-Identifier: MIT */
/*
 * Dropout. Its mask is a function of the network's seed and step (ic_net_set_random)
 * and of the layer's number among the dropouts, so nothing is kept for backward.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/kinds.h"

struct config {
    float rate;
    uint32_t layer;
};

/* The dropout of the current batch; none in evaluation. */
static struct ic_dropout describe(const struct ic_call *call, bool training)
{
    const struct config *config = call->node->config;
    const struct ic_shape out = call->node->out;
    const size_t features =
        (size_t)out.height * (size_t)out.width * (size_t)out.channels;

    return (struct ic_dropout){
        .first = (size_t)call->random.first * features,
        .count = (size_t)call->batch * features,
        .rate = training ? config->rate : 0,
        .seed = call->random.seed,
        .step = call->random.step,
        .layer = config->layer,
    };
}

static void forward(const struct ic_call *call)
{
    const struct ic_dropout dropout = describe(call, call->training);

    if (call->training || call->y != call->x[0])
        call->backend->dropout(call->device, call->y, call->x[0], &dropout, false);
}

static void backward(const struct ic_call *call)
{
    const struct ic_dropout dropout = describe(call, true);

    if (call->dx[0])
        call->backend->dropout(call->device, call->dx[0], call->dy, &dropout,
                               call->accumulate[0]);
}

const struct ic_op ic_dropout_op = {
    .name = "dropout",
    .forward = forward,
    .backward = backward,
};

int ic_dropout(struct ic_graph *graph, const char *name, int x, double rate)
{
    struct config config = {.rate = (float)rate};
    struct ic_node *node;

    if (!ic_graph_usable_floats(graph, name, x))
        return 0;
    if (!(rate >= 0 && rate < 1))
        return ic_graph_fail(graph, IC_ERR_USAGE, "%s: a dropout rate of %g", name,
                             rate);
    for (int i = 0; i < graph->count; i++)
        config.layer += graph->nodes[i].op == &ic_dropout_op;
    node = ic_graph_append(graph, &ic_dropout_op, name, x, graph->nodes[x].out, &config,
                           sizeof config);
    if (node == NULL)
        return 0;
    node->output_in_place = true;
    node->gradient_in_place = 0;
    return ic_graph_newest(graph);
}
