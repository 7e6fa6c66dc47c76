/* SPDX-License-Identifier: MIT */
/*
 * A convolution with the batch norm after it folded in, for inference: one pass over
 * memory instead of three, and weights that are packed once into the form that the
 * kernel reads. A graph gets these nodes by ic_graph_fold (graph/fold.c).
 *
 * The algorithm is chosen by the plan's batch, and a smaller batch takes the same
 * algorithm, since the weights are packed for it.
 */
#include "graph/ops/conv2d_folded.h"

static struct ic_conv describe(const struct ic_node *node, struct ic_shape in,
                               const struct ic_backend *backend, int plan_batch)
{
    const struct ic_folded_config *config = node->config;
    struct ic_conv conv = ic_conv2d_describe(node, in, plan_batch);

    conv.algorithm = backend->conv2d_algorithm(&conv, !config->once);
    return conv;
}

static const char *algorithm(const struct ic_node *node, struct ic_shape in,
                             const struct ic_backend *backend, int batch)
{
    return ic_conv_algorithm_name(describe(node, in, backend, batch).algorithm);
}

static size_t workspace(const struct ic_node *node, const struct ic_shape *in,
                        const struct ic_backend *backend, struct ic_device *device,
                        int batch, bool training)
{
    const struct ic_conv conv = describe(node, in[0], backend, batch);

    (void)training;
    return backend->conv2d_folded_workspace(device, &conv);
}

static size_t packed_bytes(const struct ic_node *node, struct ic_shape in,
                           const struct ic_backend *backend, struct ic_device *device,
                           int batch)
{
    const struct ic_conv conv = describe(node, in, backend, batch);

    return backend->conv2d_folded_bytes(device, &conv);
}

static void pack(const struct ic_call *call)
{
    const struct ic_folded_config *config = call->node->config;
    const struct ic_conv conv =
        describe(call->node, call->in[0], call->backend, call->plan_batch);
    const struct ic_running_norm norm = {
        .weight = call->params[1],
        .bias = call->params[2],
        .mean = call->states[0],
        .var = call->states[1],
        .epsilon = config->norm.epsilon,
    };

    call->backend->conv2d_fold(call->device, call->packed, call->params[0], &norm,
                               &conv);
}

static void forward(const struct ic_call *call)
{
    const struct ic_folded_config *config = call->node->config;
    struct ic_conv conv =
        describe(call->node, call->in[0], call->backend, call->plan_batch);

    conv.batch = call->batch;
    call->backend->conv2d_forward_folded(call->device, call->y, call->x[0], call->x[1],
                                         call->packed, call->workspace, &conv,
                                         config->norm.relu);
}

const struct ic_op ic_folded_op = {
    .name = "conv2d+bn",
    .gemm = ic_conv2d_gemm,
    .algorithm = algorithm,
    .workspace = workspace,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .forward = forward,
};
