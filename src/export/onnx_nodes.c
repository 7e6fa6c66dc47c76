/* SPDX-License-Identifier: MIT */
/*
 * Converts a graph's nodes to ONNX nodes. See onnx_messages.h.
 *
 * A node of the graph becomes one or more ONNX nodes. The last of these has the name of
 * the graph's node, so that a value is named after the module that computes it; the
 * nodes before it append a word to that name ("layer1.0.bn2.norm"). Values are NCHW,
 * like ONNX's operators and torchvision's weights; between the global pool and the
 * logits they are [N, features].
 */
#include <assert.h>
#include <stdio.h>

#include "export/onnx_messages.h"
#include "graph/ops/kinds.h"

struct walk {
    struct ic_protobuf *out;
    const struct ic_graph *graph;
    const char *picture, *logits; /* names of these two values */
};

/* Room for the temporary name of a value within a node. */
struct name {
    char text[128];
};

static const char *within(const char *node, const char *word, struct name *name)
{
    snprintf(name->text, sizeof name->text, "%s.%s", node, word);
    return name->text;
}

/* The node whose output `node` passes on: its input's origin where `node` is a dropout,
 * which acts only in training, else itself. */
static int origin(const struct ic_graph *graph, int node)
{
    while (graph->nodes[node].op == &ic_dropout_op)
        node = graph->nodes[node].inputs[0];
    return node;
}

/* The name of a node's output. */
static const char *value_of(const struct walk *walk, int node)
{
    node = origin(walk->graph, node);
    if (node == 0)
        return walk->picture;
    return node == origin(walk->graph, walk->graph->count - 1)
               ? walk->logits
               : walk->graph->nodes[node].name;
}

static const char *param(const struct walk *walk, const struct ic_node *node, int i)
{
    return walk->graph->params[node->params[i]].name;
}

static const char *state(const struct walk *walk, const struct ic_node *node, int i)
{
    return walk->graph->states[node->states[i]].name;
}

/* Conv and MaxPool have the same attributes. */
static void add_window(const struct walk *walk, int kernel, int stride, int pad)
{
    ic_onnx_add_ints(walk->out, "kernel_shape", 2, (int[]){kernel, kernel});
    ic_onnx_add_ints(walk->out, "pads", 4, (int[]){pad, pad, pad, pad});
    ic_onnx_add_ints(walk->out, "strides", 2, (int[]){stride, stride});
    ic_protobuf_end(walk->out);
}

/* [N, C, 1, 1] becomes [N, C]. */
static void add_flatten(const struct walk *walk, const char *output, const char *x)
{
    ic_onnx_begin_node(walk->out, "Flatten", output, (const char *[]){x, NULL});
    ic_onnx_add_int(walk->out, "axis", 1);
    ic_protobuf_end(walk->out);
}

/* --- one function per kind of node ------------------------------------------------ */

/* Adds the nodes that compute `output`. `x` is the node's first input. */
typedef void add_node(const struct walk *walk, const struct ic_node *node,
                      const char *output, const char *x);

static void add_conv2d(const struct walk *walk, const struct ic_node *node,
                       const char *output, const char *x)
{
    const struct ic_conv2d_config *config = node->config;

    ic_onnx_begin_node(walk->out, "Conv", output,
                       (const char *[]){x, param(walk, node, 0), NULL});
    add_window(walk, config->kernel, config->stride, config->pad);
}

static void add_maxpool(const struct walk *walk, const struct ic_node *node,
                        const char *output, const char *x)
{
    const struct ic_maxpool_config *config = node->config;

    ic_onnx_begin_node(walk->out, "MaxPool", output, (const char *[]){x, NULL});
    add_window(walk, config->kernel, config->stride, config->pad);
}

/* Adds the norm, then "+ residual" and ReLU where the node has them. */
static void add_batchnorm(const struct walk *walk, const struct ic_node *node,
                          const char *output, const char *x)
{
    const struct ic_batchnorm_config *config = node->config;
    const bool residual = node->input_count == 2;
    struct name norm, sum;
    const char *y =
        residual || config->relu ? within(node->name, "norm", &norm) : output;

    ic_onnx_begin_node(walk->out, "BatchNormalization", y,
                       (const char *[]){x, param(walk, node, 0), param(walk, node, 1),
                                        state(walk, node, 0), state(walk, node, 1),
                                        NULL});
    ic_onnx_add_float(walk->out, "epsilon", config->epsilon);
    ic_protobuf_end(walk->out);
    if (residual) {
        const char *added = config->relu ? within(node->name, "sum", &sum) : output;

        ic_onnx_add_node(walk->out, "Add", added, y, value_of(walk, node->inputs[1]));
        y = added;
    }
    if (config->relu)
        ic_onnx_add_node(walk->out, "Relu", output, y, NULL);
}

static void add_relu(const struct walk *walk, const struct ic_node *node,
                     const char *output, const char *x)
{
    (void)node;
    ic_onnx_add_node(walk->out, "Relu", output, x, NULL);
}

static void add_avgpool(const struct walk *walk, const struct ic_node *node,
                        const char *output, const char *x)
{
    struct name mean;

    within(node->name, "mean", &mean);
    ic_onnx_add_node(walk->out, "GlobalAveragePool", mean.text, x, NULL);
    add_flatten(walk, output, mean.text);
}

static void add_concatpool(const struct walk *walk, const struct ic_node *node,
                           const char *output, const char *x)
{
    struct name maximum, mean, both;

    within(node->name, "max", &maximum);
    within(node->name, "mean", &mean);
    within(node->name, "both", &both);
    ic_onnx_add_node(walk->out, "GlobalMaxPool", maximum.text, x, NULL);
    ic_onnx_add_node(walk->out, "GlobalAveragePool", mean.text, x, NULL);
    ic_onnx_begin_node(walk->out, "Concat", both.text,
                       (const char *[]){maximum.text, mean.text, NULL});
    ic_onnx_add_int(walk->out, "axis", 1);
    ic_protobuf_end(walk->out);
    add_flatten(walk, output, both.text);
}

/* x weight^T, + bias where the node has one. */
static void add_linear(const struct walk *walk, const struct ic_node *node,
                       const char *output, const char *x)
{
    const struct ic_shape in = walk->graph->nodes[node->inputs[0]].out;
    const char *bias = node->param_count == 2 ? param(walk, node, 1) : NULL;

    assert(in.height == 1 && in.width == 1); /* so that NHWC and NCHW are the same */
    ic_onnx_begin_node(walk->out, "Gemm", output,
                       (const char *[]){x, param(walk, node, 0), bias, NULL});
    ic_onnx_add_int(walk->out, "transB", 1);
    ic_protobuf_end(walk->out);
}

static const struct kind {
    const struct ic_op *op;
    add_node *add;
} kinds[] = {
    {&ic_conv2d_op, add_conv2d},
    {&ic_batchnorm_op, add_batchnorm},
    {&ic_maxpool_op, add_maxpool},
    {&ic_avgpool_op, add_avgpool},
    {&ic_concatpool_op, add_concatpool},
    {&ic_linear_op, add_linear},
    {&ic_relu_op, add_relu},
};

static const struct kind *kind_of(const struct ic_node *node)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].op == node->op)
            return &kinds[i];
    return NULL;
}

void ic_onnx_add_nodes(struct ic_protobuf *out, const struct ic_graph *graph,
                       const char *picture, const char *logits)
{
    const struct walk walk = {out, graph, picture, logits};

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        const struct kind *kind = kind_of(node);

        if (origin(graph, i) != i)
            continue;
        assert(kind != NULL);
        kind->add(&walk, node, value_of(&walk, i), value_of(&walk, node->inputs[0]));
    }
}
