/* SPDX-License-Identifier: MIT */
/*
 * Folds batch norms into convolutions. See fold.h; the node is in ops/conv2d_folded.c.
 *
 * The new node takes the norm's place, since the residual may be computed between the
 * two nodes, and reads the convolution's input.
 */
#include "graph/fold.h"

#include <assert.h>
#include <stdlib.h>

#include "graph/ops/conv2d_folded.h"
#include "graph/ops/kinds.h"

static bool can_fold(const struct ic_graph *graph, int i, const int *readers)
{
    const struct ic_node *norm = &graph->nodes[i];

    return norm->op == &ic_batchnorm_op && readers[norm->inputs[0]] == 1 &&
           graph->nodes[norm->inputs[0]].op == &ic_conv2d_op;
}

/* Merges a norm and its convolution into one node, in the norm's place. */
static ic_status fold_node(struct ic_graph *graph, struct ic_node *norm,
                           enum ic_fold fold, struct ic_error *error)
{
    const struct ic_node *conv = &graph->nodes[norm->inputs[0]];
    struct ic_folded_config *config = ic_arena_alloc(&graph->arena, 1, sizeof *config);

    if (config == NULL)
        return ic_fail_memory(error, "a network's graph", sizeof *config);
    config->conv = *(const struct ic_conv2d_config *)conv->config;
    config->norm = *(const struct ic_batchnorm_config *)norm->config;
    config->once = fold == IC_FOLD_FOR_ONE;
    norm->op = &ic_folded_op;
    norm->config = config;
    norm->inputs[0] = conv->inputs[0];
    norm->params[2] = norm->params[1];
    norm->params[1] = norm->params[0];
    norm->params[0] = conv->params[0];
    norm->param_count = 3;
    norm->saved_count = 0;
    norm->output_in_place = false;
    return IC_OK;
}

/* Removes the nodes whose number is -1, and numbers the others. */
static void renumber(struct ic_graph *graph, int *numbers)
{
    int count = 0;

    for (int i = 0; i < graph->count; i++) {
        struct ic_node *node = &graph->nodes[count];

        if (numbers[i] < 0)
            continue;
        numbers[i] = count++;
        *node = graph->nodes[i];
        for (int k = 0; k < node->input_count; k++)
            node->inputs[k] = numbers[node->inputs[k]];
    }
    graph->count = count;
}

ic_status ic_graph_fold(struct ic_graph *graph, enum ic_fold fold,
                        struct ic_error *error)
{
    const size_t count = (size_t)graph->count;
    int *readers = calloc(count, sizeof *readers);
    int *numbers = calloc(count, sizeof *numbers);
    ic_status status = IC_OK;

    assert(fold != IC_FOLD_NONE);
    if (readers == NULL || numbers == NULL) {
        status = ic_fail_memory(error, "a network's graph", count * sizeof *readers);
        goto out;
    }
    ic_graph_count_readers(graph, readers);
    readers[graph->count - 1]++; /* the network's output is read, too */
    for (int i = 1; i < graph->count && status == IC_OK; i++) {
        if (graph->nodes[i].op == &ic_linear_op)
            graph->nodes[i].op = &ic_linear_each_op;
        if (!can_fold(graph, i, readers))
            continue;
        numbers[graph->nodes[i].inputs[0]] = -1;
        status = fold_node(graph, &graph->nodes[i], fold, error);
    }
    if (status == IC_OK)
        renumber(graph, numbers);
out:
    free(readers);
    free(numbers);
    return status;
}
