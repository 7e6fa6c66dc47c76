/* SPDX-License-Identifier: MIT */
/*
 * Convolution: its shape rule, and the calls of the backend's three passes.
 */
#include "graph/build.h"
#include "graph/ops.h"
#include "graph/ops/conv_norm.h"

struct ic_conv ic_conv2d_describe(const struct ic_node *node, struct ic_shape in,
                                  int batch)
{
    const struct ic_conv2d_config *config = node->config;

    return (struct ic_conv){
        .batch = batch,
        .in_height = in.height,
        .in_width = in.width,
        .in_channels = in.channels,
        .out_height = node->out.height,
        .out_width = node->out.width,
        .out_channels = node->out.channels,
        .kernel = config->kernel,
        .stride = config->stride,
        .pad = config->pad,
        .algorithm = config->algorithm,
        .type = node->type,
    };
}

static size_t workspace(const struct ic_node *node, const struct ic_shape *in,
                        const struct ic_backend *backend, struct ic_device *device,
                        int batch, bool training)
{
    const struct ic_conv conv = ic_conv2d_describe(node, in[0], batch);

    return backend->conv2d_workspace(device, &conv, training);
}

static void forward(const struct ic_call *call)
{
    const struct ic_conv conv =
        ic_conv2d_describe(call->node, call->in[0], call->batch);

    call->backend->conv2d_forward(call->device, call->y, call->x[0], call->params[0],
                                  call->workspace, &conv);
}

static void backward_weight(const struct ic_call *call)
{
    const struct ic_conv conv =
        ic_conv2d_describe(call->node, call->in[0], call->batch);

    if (call->dparams[0])
        call->backend->conv2d_backward_weight(call->device, call->dparams[0], call->dy,
                                              call->x[0], call->workspace, &conv);
}

static void backward(const struct ic_call *call)
{
    const struct ic_conv conv =
        ic_conv2d_describe(call->node, call->in[0], call->batch);

    if (call->dx[0])
        call->backend->conv2d_backward_input(call->device, call->dx[0], call->dy,
                                             call->params[0], call->workspace, &conv,
                                             call->accumulate[0]);
}

/* The convolution as a GEMM, with one row for each output pixel:
 * y[n, oy, ox, o] = sum over ky, kx, i of
 *     x[n, oy stride + ky - pad, ox stride + kx - pad, i] weight[o, ky, kx, i]. */
struct ic_gemm_size ic_conv2d_gemm(const struct ic_node *node, struct ic_shape in)
{
    const struct ic_conv2d_config *config = node->config;

    return (struct ic_gemm_size){
        .m = (uint64_t)node->out.height * (uint64_t)node->out.width,
        .n = (uint64_t)node->out.channels,
        .k = (uint64_t)(config->kernel * config->kernel) * (uint64_t)in.channels,
    };
}

static const char *algorithm(const struct ic_node *node, struct ic_shape in,
                             const struct ic_backend *backend, int batch)
{
    const struct ic_conv conv = ic_conv2d_describe(node, in, batch);

    return ic_conv_algorithm_name(backend->conv2d_algorithm(&conv, false));
}

const struct ic_op ic_conv2d_op = {
    .name = "conv2d",
    .gemm = ic_conv2d_gemm,
    .algorithm = algorithm,
    .workspace = workspace,
    .forward = forward,
    .backward_weight = backward_weight,
    .backward = backward,
};

int ic_conv2d(struct ic_graph *graph, const char *name, int x, int out_channels,
              int kernel, int stride, int pad)
{
    const struct ic_conv2d_config config = {kernel, stride, pad, graph->conv_algorithm};
    struct ic_shape in, out;
    struct ic_node *node;

    if (!ic_graph_usable(graph, x))
        return 0;
    in = graph->nodes[x].out;
    out = (struct ic_shape){ic_window_extent(in.height, kernel, stride, pad),
                            ic_window_extent(in.width, kernel, stride, pad),
                            out_channels};
    if (out.height < 1 || out.width < 1)
        return ic_graph_fail(graph, IC_ERR_USAGE,
                             "%s: a %dx%d kernel does not fit in %dx%d pixels", name,
                             kernel, kernel, in.height, in.width);
    node = ic_graph_append(graph, &ic_conv2d_op, name, x, out, &config, sizeof config);
    if (node == NULL)
        return 0;
    node->reads_input[0] = true;
    ic_graph_add_param(graph, "weight", 4,
                       (int[]){out_channels, kernel, kernel, in.channels},
                       IC_INIT_KAIMING, out_channels * kernel * kernel, IC_WEIGHT);
    return ic_graph_newest(graph);
}
