/* SPDX-License-Identifier: MIT */
/*
 * Linear layer over all of a sample's features: y = x weight^T, with or without bias.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/kinds.h"

static struct ic_linear describe(const struct ic_node *node, struct ic_shape in,
                                 int batch)
{
    return (struct ic_linear){
        .batch = batch,
        .in_features = in.height * in.width * in.channels,
        .out_features = node->out.channels,
    };
}

static size_t workspace(const struct ic_node *node, const struct ic_shape *in,
                        const struct ic_backend *backend, struct ic_device *device,
                        int batch, bool training)
{
    const struct ic_linear linear = describe(node, in[0], batch);

    return backend->linear_workspace(device, &linear, training);
}

static void forward(const struct ic_call *call)
{
    const struct ic_linear linear = describe(call->node, call->in[0], call->batch);

    call->backend->linear_forward(call->device, call->y, call->x[0], call->params[0],
                                  call->params[1], call->workspace, &linear);
}

static void backward_weight(const struct ic_call *call)
{
    const struct ic_linear linear = describe(call->node, call->in[0], call->batch);

    if (call->dparams[0] || call->dparams[1])
        call->backend->linear_backward_weight(call->device, call->dparams[0],
                                              call->dparams[1], call->dy, call->x[0],
                                              call->workspace, &linear);
}

static void backward(const struct ic_call *call)
{
    const struct ic_linear linear = describe(call->node, call->in[0], call->batch);

    if (call->dx[0])
        call->backend->linear_backward_input(call->device, call->dx[0], call->dy,
                                             call->params[0], call->workspace, &linear,
                                             call->accumulate[0]);
}

static struct ic_gemm_size gemm(const struct ic_node *node, struct ic_shape in)
{
    return (struct ic_gemm_size){
        .m = 1,
        .n = (uint64_t)node->out.channels,
        .k = (uint64_t)in.height * (uint64_t)in.width * (uint64_t)in.channels,
    };
}

const struct ic_op ic_linear_op = {
    .name = "linear",
    .gemm = gemm,
    .workspace = workspace,
    .forward = forward,
    .backward_weight = backward_weight,
    .backward = backward,
};

/* --- one picture at a time -------------------------------------------------------- */

static size_t workspace_each(const struct ic_node *node, const struct ic_shape *in,
                             const struct ic_backend *backend, struct ic_device *device,
                             int batch, bool training)
{
    return workspace(node, in, backend, device, 1, training);
}

static void forward_each(const struct ic_call *call)
{
    const struct ic_linear one = describe(call->node, call->in[0], 1);
    const float *x = call->x[0];
    float *y = call->y;

    for (int n = 0; n < call->batch; n++)
        call->backend->linear_forward(call->device, y + (size_t)n * one.out_features,
                                      x + (size_t)n * one.in_features, call->params[0],
                                      call->params[1], call->workspace, &one);
}

const struct ic_op ic_linear_each_op = {
    .name = "linear",
    .gemm = gemm,
    .workspace = workspace_each,
    .forward = forward_each,
};

/* --- the builders ----------------------------------------------------------------- */

/* The node with its weights; NULL after an error. `*features` gets x's features. */
static struct ic_node *append(struct ic_graph *graph, const char *name, int x,
                              int out_features, enum ic_init init, int *features)
{
    const struct ic_shape out = {1, 1, out_features};
    struct ic_shape in;
    struct ic_node *node;

    if (!ic_graph_usable_floats(graph, name, x))
        return NULL;
    in = graph->nodes[x].out;
    *features = in.height * in.width * in.channels;
    if (out_features < 1) {
        ic_graph_fail(graph, IC_ERR_USAGE, "%s: %d outputs", name, out_features);
        return NULL;
    }
    node = ic_graph_append(graph, &ic_linear_op, name, x, out, NULL, 0);
    if (node == NULL)
        return NULL;
    node->reads_input[0] = true;
    ic_graph_add_param(graph, "weight", 2, (int[]){out_features, *features}, init,
                       *features, IC_WEIGHT);
    return node;
}

int ic_linear(struct ic_graph *graph, const char *name, int x, int out_features)
{
    int features;

    if (append(graph, name, x, out_features, IC_INIT_UNIFORM_FAN_IN, &features) == NULL)
        return 0;
    ic_graph_add_param(graph, "bias", 1, &out_features, IC_INIT_UNIFORM_FAN_IN,
                       features, IC_BIAS);
    return ic_graph_newest(graph);
}

int ic_linear_unbiased(struct ic_graph *graph, const char *name, int x,
                       int out_features)
{
    int features;

    if (append(graph, name, x, out_features, IC_INIT_KAIMING, &features) == NULL)
        return 0;
    return ic_graph_newest(graph);
}
