/* SPDX-License-Identifier: MIT */
/*
 * Max pooling. It keeps which cell of each window won, one byte per output, so that
 * neither its input nor its output need stay for backward.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/kinds.h"

static struct ic_pool describe(const struct ic_call *call)
{
    const struct ic_maxpool_config *config = call->node->config;
    const struct ic_shape in = call->in[0], out = call->node->out;

    return (struct ic_pool){
        .batch = call->batch,
        .in_height = in.height,
        .in_width = in.width,
        .channels = in.channels,
        .out_height = out.height,
        .out_width = out.width,
        .kernel = config->kernel,
        .stride = config->stride,
        .pad = config->pad,
        .type = call->in_type,
    };
}

static void forward(const struct ic_call *call)
{
    const struct ic_pool pool = describe(call);

    call->backend->maxpool_forward(call->device, call->y,
                                   call->training ? call->saved[0] : NULL, call->x[0],
                                   &pool);
}

static void backward(const struct ic_call *call)
{
    const struct ic_pool pool = describe(call);

    if (call->dx[0])
        call->backend->maxpool_backward(call->device, call->dx[0], call->dy,
                                        call->saved[0], &pool, call->accumulate[0]);
}

const struct ic_op ic_maxpool_op = {
    .name = "maxpool",
    .forward = forward,
    .backward = backward,
};

int ic_maxpool(struct ic_graph *graph, const char *name, int x, int kernel, int stride,
               int pad)
{
    const struct ic_maxpool_config config = {kernel, stride, pad};
    struct ic_shape in, out;
    struct ic_node *node;

    if (!ic_graph_usable(graph, x))
        return 0;
    in = graph->nodes[x].out;
    out =
        (struct ic_shape){ic_window_extent(in.height, kernel, stride, pad),
                          ic_window_extent(in.width, kernel, stride, pad), in.channels};
    if (out.height < 1 || out.width < 1 || 2 * pad > kernel)
        return ic_graph_fail(graph, IC_ERR_USAGE,
                             "%s: a %dx%d window with padding %d does not fit in %dx%d "
                             "pixels",
                             name, kernel, kernel, pad, in.height, in.width);
    node = ic_graph_append(graph, &ic_maxpool_op, name, x, out, &config, sizeof config);
    if (node == NULL)
        return 0;
    node->saved_count = 1;
    node->saved_per_sample[0] =
        (size_t)out.height * (size_t)out.width * (size_t)out.channels;
    return ic_graph_newest(graph);
}
