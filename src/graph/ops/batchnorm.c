/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation with an optional residual and an optional ReLU.
 *
 * The three are one node because they are one pass over memory; conv2d_folded.c fuses
 * them with the convolution too, for inference. The forward pass keeps the batch's mean
 * and 1 / deviation. Backward reads the input and, for the ReLU's mask, the output
 * where that has a residual in it.
 */
#include <assert.h>

#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/conv_norm.h"

static struct ic_batchnorm describe(const struct ic_node *node, int batch)
{
    const struct ic_batchnorm_config *config = node->config;

    return (struct ic_batchnorm){
        .rows = (size_t)batch * (size_t)node->out.height * (size_t)node->out.width,
        .channels = node->out.channels,
        .type = node->type,
        .relu = config->relu,
        .epsilon = config->epsilon,
    };
}

static size_t workspace(const struct ic_node *node, const struct ic_shape *in,
                        const struct ic_backend *backend, struct ic_device *device,
                        int batch, bool training)
{
    const struct ic_batchnorm bn = describe(node, batch);

    (void)in;
    return training ? backend->batchnorm_workspace(device, &bn) : 0;
}

static void forward(const struct ic_call *call)
{
    const struct ic_batchnorm bn = describe(call->node, call->batch);
    const float *weight = call->params[0], *bias = call->params[1];

    if (call->training)
        call->backend->batchnorm_forward_train(
            call->device, call->y, call->saved[0], call->saved[1], call->statistics[0],
            call->statistics[1], call->x[0], call->x[1], weight, bias, call->workspace,
            &bn);
    else
        call->backend->batchnorm_forward_eval(call->device, call->y, call->x[0],
                                              call->x[1], weight, bias, call->states[0],
                                              call->states[1], &bn);
}

static void recompute(const struct ic_call *call)
{
    const struct ic_batchnorm bn = describe(call->node, call->batch);

    call->backend->batchnorm_recompute(call->device, call->y, call->x[0],
                                       call->params[0], call->params[1], call->saved[0],
                                       call->saved[1], &bn);
}

static void backward(const struct ic_call *call)
{
    const struct ic_batchnorm bn = describe(call->node, call->batch);

    call->backend->batchnorm_backward(
        call->device, call->dx[0], call->dx[1], call->dparams[0], call->dparams[1],
        call->dy, call->x[0], call->node->reads_output ? call->y : NULL,
        call->params[0], call->params[1], call->saved[0], call->saved[1],
        call->workspace, &bn, call->accumulate[1]);
}

const struct ic_op ic_batchnorm_op = {
    .name = "batchnorm",
    .workspace = workspace,
    .forward = forward,
    .recompute = recompute,
    .backward = backward,
};

int ic_batchnorm(struct ic_graph *graph, const char *name, int x, int residual,
                 bool relu)
{
    const struct ic_batchnorm_config config = {relu, 1e-5f};
    struct ic_shape in, other;
    struct ic_node *node;
    int channels;

    if (!ic_graph_usable(graph, x))
        return 0;
    in = graph->nodes[x].out;
    channels = in.channels;
    if (residual != IC_NO_RESIDUAL) {
        assert(graph->nodes[residual].type == graph->nodes[x].type);
        other = graph->nodes[residual].out;
        if (!ic_graph_same_shape(graph, x, residual))
            return ic_graph_fail(graph, IC_ERR_USAGE,
                                 "%s: %dx%dx%d against a residual of %dx%dx%d", name,
                                 in.height, in.width, in.channels, other.height,
                                 other.width, other.channels);
    }
    node =
        ic_graph_append(graph, &ic_batchnorm_op, name, x, in, &config, sizeof config);
    if (node == NULL)
        return 0;
    if (residual != IC_NO_RESIDUAL)
        node->inputs[node->input_count++] = residual;
    node->saved_count = 2;
    node->saved_once[0] = node->saved_once[1] = (size_t)channels * sizeof(float);
    node->reads_input[0] = true;
    node->reads_output = relu && residual != IC_NO_RESIDUAL;
    node->recomputable = residual == IC_NO_RESIDUAL;
    node->output_in_place = true;
    node->gradient_in_place = residual == IC_NO_RESIDUAL ? 0 : 1;
    ic_graph_add_param(graph, "weight", 1, &channels, IC_INIT_ONE, 0, IC_NORM);
    ic_graph_add_param(graph, "bias", 1, &channels, graph->norm_bias, 0, IC_NORM);
    ic_graph_add_state(graph, "running_mean", channels, IC_INIT_ZERO);
    ic_graph_add_state(graph, "running_var", channels, IC_INIT_ONE);
    return ic_graph_newest(graph);
}
