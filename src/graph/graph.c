/* SPDX-License-Identifier: MIT */
/*
 * Builds graphs: appends nodes, names their arrays, keeps the first error.
 */
#include "graph/build.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* Every array starts on a cache line. */
#define ALIGN_FLOATS 16

void ic_graph_init(struct ic_graph *graph, int height, int width, int channels,
                   enum ic_conv_algorithm algorithm)
{
    const struct ic_shape picture = {height, width, channels};

    memset(graph, 0, sizeof *graph);
    graph->conv_algorithm = algorithm;
    if (height < 1 || width < 1 || channels < 1) {
        ic_graph_fail(graph, IC_ERR_USAGE, "a network's input cannot be %dx%dx%d",
                      height, width, channels);
        return;
    }
    ic_graph_append(graph, NULL, "input", -1, picture, NULL, 0);
}

void ic_graph_set_type(struct ic_graph *graph, enum ic_type type)
{
    if (graph->error.status != IC_OK)
        return;
    assert(graph->count == 1);
    graph->type = type;
    graph->nodes[0].type = type;
}

int ic_graph_fail(struct ic_graph *graph, ic_status status, const char *format, ...)
{
    va_list args;

    if (graph->error.status != IC_OK)
        return 0;
    graph->error.status = status;
    va_start(args, format);
    vsnprintf(graph->error.message, sizeof graph->error.message, format, args);
    va_end(args);
    return 0;
}

bool ic_graph_usable(const struct ic_graph *graph, int x)
{
    assert(graph->error.status != IC_OK || (x >= 0 && x < graph->count));
    return graph->error.status == IC_OK;
}

bool ic_graph_same_shape(const struct ic_graph *graph, int a, int b)
{
    const struct ic_shape *x, *y;

    if (!ic_graph_usable(graph, a) || !ic_graph_usable(graph, b))
        return true;
    x = &graph->nodes[a].out;
    y = &graph->nodes[b].out;
    return x->height == y->height && x->width == y->width && x->channels == y->channels;
}

bool ic_graph_usable_floats(struct ic_graph *graph, const char *name, int x)
{
    if (!ic_graph_usable(graph, x))
        return false;
    if (graph->nodes[x].type != IC_TYPE_FP32)
        ic_graph_fail(graph, IC_ERR_USAGE,
                      "%s: reads fp32, so it must stand behind a global pool", name);
    return graph->error.status == IC_OK;
}

/* Makes room for one more element of a list that grows by doubling. */
static void *grow(struct ic_graph *graph, void *list, int count, size_t size)
{
    void *larger;

    if (count & (count - 1))
        return list; /* not at a power of two: there is room */
    larger = realloc(list, (count ? 2 * (size_t)count : 1) * size);
    if (larger == NULL) {
        ic_graph_fail(graph, IC_ERR_LIMIT, "out of memory for a network's graph");
        return NULL;
    }
    return larger;
}

struct ic_node *ic_graph_append(struct ic_graph *graph, const struct ic_op *op,
                                const char *name, int x, struct ic_shape out,
                                const void *config, size_t config_size)
{
    struct ic_node *node,
        *nodes = grow(graph, graph->nodes, graph->count, sizeof *nodes);
    void *copy = NULL;
    size_t floats;

    if (nodes == NULL)
        return NULL;
    graph->nodes = nodes;
    if (!ic_size_mul((size_t)out.height * (size_t)out.width, (size_t)out.channels,
                     &floats) ||
        floats > INT_MAX) {
        ic_graph_fail(graph, IC_ERR_LIMIT, "%s: an output of %dx%dx%d is too large",
                      name, out.height, out.width, out.channels);
        return NULL;
    }
    node = &nodes[graph->count];
    memset(node, 0, sizeof *node);
    if (config_size) {
        copy = ic_arena_alloc(&graph->arena, 1, config_size);
        if (copy)
            memcpy(copy, config, config_size);
    }
    node->name = ic_arena_strdup(&graph->arena, name);
    if (node->name == NULL || (config_size && copy == NULL)) {
        ic_graph_fail(graph, IC_ERR_LIMIT, "out of memory for a network's graph");
        return NULL;
    }
    node->op = op;
    node->config = copy;
    node->inputs[0] = x;
    node->input_count = x >= 0;
    node->out = out;
    node->type = x >= 0 ? nodes[x].type : graph->type;
    node->gradient_in_place = -1;
    graph->count++;
    return node;
}

int ic_graph_newest(const struct ic_graph *graph)
{
    return graph->error.status == IC_OK ? graph->count - 1 : 0;
}

/* Appends an array to a list and its floats to a block. Returns its number. */
static int add_array(struct ic_graph *graph, struct ic_array **list, int *list_count,
                     size_t *block_floats, struct ic_array array)
{
    struct ic_array *larger = grow(graph, *list, *list_count, sizeof array);

    if (larger == NULL)
        return 0;
    *list = larger;
    array.count = 1;
    for (int i = 0; i < array.rank; i++) {
        if (!ic_size_mul(array.count, (size_t)array.dims[i], &array.count)) {
            ic_graph_fail(graph, IC_ERR_LIMIT, "%s is too large", array.name);
            return 0;
        }
    }
    array.offset = *block_floats;
    if (array.name == NULL || array.count > INT_MAX ||
        !ic_size_add(*block_floats, ic_size_align(array.count, ALIGN_FLOATS),
                     block_floats)) {
        ic_graph_fail(graph, IC_ERR_LIMIT, "out of memory for a network's graph");
        return 0;
    }
    larger[*list_count] = array;
    return (*list_count)++;
}

void ic_graph_add_param(struct ic_graph *graph, const char *suffix, int rank,
                        const int *dims, enum ic_init init, int fan, enum ic_role role)
{
    struct ic_node *node;
    struct ic_array array = {
        .rank = rank, .init = init, .fan = fan, .role = role, .group = graph->group};
    int number;

    if (graph->error.status != IC_OK)
        return;
    node = &graph->nodes[graph->count - 1];
    assert(node->param_count < IC_NODE_PARAMS && rank <= 4);
    memcpy(array.dims, dims, (size_t)rank * sizeof *dims);
    array.name = ic_arena_format(&graph->arena, "%s.%s", node->name, suffix);
    number = add_array(graph, &graph->params, &graph->param_count, &graph->param_floats,
                       array);
    node->params[node->param_count++] = number;
}

void ic_graph_add_state(struct ic_graph *graph, const char *suffix, int length,
                        enum ic_init init)
{
    struct ic_node *node;
    struct ic_array array = {
        .rank = 1, .dims = {length}, .init = init, .role = IC_NORM};
    int number;

    if (graph->error.status != IC_OK)
        return;
    node = &graph->nodes[graph->count - 1];
    assert(node->state_count < IC_NODE_STATES);
    array.name = ic_arena_format(&graph->arena, "%s.%s", node->name, suffix);
    number = add_array(graph, &graph->states, &graph->state_count, &graph->state_floats,
                       array);
    node->states[node->state_count++] = number;
}

int ic_window_extent(int in, int kernel, int stride, int pad)
{
    const long room = (long)in + 2 * (long)pad - kernel;

    return room < 0 ? 0 : (int)(room / stride + 1);
}

ic_status ic_graph_finish(struct ic_graph *graph, struct ic_error *error)
{
    if (graph->error.status != IC_OK)
        return ic_fail(error, graph->error.status, "%s", graph->error.message);
    return IC_OK;
}

void ic_graph_free(struct ic_graph *graph)
{
    free(graph->nodes);
    free(graph->params);
    free(graph->states);
    ic_arena_free(&graph->arena);
    memset(graph, 0, sizeof *graph);
}

void ic_graph_count_readers(const struct ic_graph *graph, int *readers)
{
    for (int i = 0; i < graph->count; i++)
        for (int k = 0; k < graph->nodes[i].input_count; k++)
            readers[graph->nodes[i].inputs[k]]++;
}
