/* SPDX-License-Identifier: MIT */
/*
 * Writes and reads the list of nodes in a dump's metadata. See node_list.h.
 */
#include "report/node_list.h"

#include <string.h>

#include "base/jansson.h"
#include "graph/ops/kinds.h"

/* Inputs are found by their names, one by one: a list that is too long would take
 * minutes.
 */
enum { MOST_NODES = 4096, LARGEST_WINDOW = 64 };

static const char *const op_names[] = {
    [IC_NODE_INPUT] = "input",         [IC_NODE_CONV2D] = "conv2d",
    [IC_NODE_BATCHNORM] = "batchnorm", [IC_NODE_MAXPOOL] = "maxpool",
    [IC_NODE_AVGPOOL] = "avgpool",     [IC_NODE_CONCATPOOL] = "concatpool",
    [IC_NODE_LINEAR] = "linear",       [IC_NODE_RELU] = "relu",
    [IC_NODE_DROPOUT] = "dropout",
};

/* --- writing ---------------------------------------------------------------------- */

static void set_window(json_t *object, int kernel, int stride, int pad)
{
    json_object_set_new(object, "kernel", json_integer(kernel));
    json_object_set_new(object, "stride", json_integer(stride));
    json_object_set_new(object, "padding", json_integer(pad));
}

static void set_config(json_t *object, const struct ic_node *node)
{
    if (node->op == &ic_conv2d_op) {
        const struct ic_conv2d_config *config = node->config;

        set_window(object, config->kernel, config->stride, config->pad);
    } else if (node->op == &ic_maxpool_op) {
        const struct ic_maxpool_config *config = node->config;

        set_window(object, config->kernel, config->stride, config->pad);
    } else if (node->op == &ic_batchnorm_op) {
        const struct ic_batchnorm_config *config = node->config;

        json_object_set_new(object, "epsilon", json_real((double)config->epsilon));
        json_object_set_new(object, "momentum", json_real((double)IC_STATE_MOMENTUM));
        json_object_set_new(object, "relu", json_boolean(config->relu));
    }
}

static void add_name(json_t *list, const char *name)
{
    json_array_append_new(list, json_string(name));
}

static json_t *describe(const struct ic_graph *graph, int number)
{
    const struct ic_node *node = &graph->nodes[number];
    json_t *object = json_object(), *inputs = json_array(), *params = json_array(),
           *states = json_array();

    for (int i = 0; i < node->input_count; i++)
        add_name(inputs, graph->nodes[node->inputs[i]].name);
    for (int i = 0; i < node->param_count; i++)
        add_name(params, graph->params[node->params[i]].name);
    for (int i = 0; i < node->state_count; i++)
        add_name(states, graph->states[node->states[i]].name);
    json_object_set_new(object, "name", json_string(node->name));
    json_object_set_new(object, "op",
                        json_string(number == 0 ? op_names[0] : node->op->name));
    json_object_set_new(object, "inputs", inputs);
    json_object_set_new(object, "parameters", params);
    json_object_set_new(object, "states", states);
    if (number > 0)
        set_config(object, node);
    return object;
}

char *ic_node_list_text(const struct ic_graph *graph)
{
    const unsigned before = ic_jansson_failures();
    json_t *list = json_array();
    char *text;

    for (int i = 0; i < graph->count; i++)
        json_array_append_new(list, describe(graph, i));
    text = list != NULL ? ic_jansson_dump(list, JSON_REAL_PRECISION(7), before) : NULL;
    json_decref(list);
    return text;
}

/* --- reading ---------------------------------------------------------------------- */

struct reader {
    struct ic_arena *arena;
    struct ic_listed_node *nodes;
    int count;      /* nodes read so far */
    bool no_memory; /* the failure is not the text's fault */
};

static const char *copy(struct reader *reader, const json_t *text)
{
    const char *copied = json_is_string(text)
                             ? ic_arena_strdup(reader->arena, json_string_value(text))
                             : NULL;

    reader->no_memory |= json_is_string(text) && copied == NULL;
    return copied;
}

/* Copies the names of the list `key`, at most `most`. */
static bool read_names(struct reader *reader, const json_t *object, const char *key,
                       int most, const char **names, int *ret_count)
{
    const json_t *list = json_object_get(object, key);

    if (!json_is_array(list) || json_array_size(list) > (size_t)most)
        return false;
    *ret_count = (int)json_array_size(list);
    for (int i = 0; i < *ret_count; i++) {
        names[i] = copy(reader, json_array_get(list, (size_t)i));
        if (names[i] == NULL)
            return false;
    }
    return true;
}

static int find_node(const struct reader *reader, const char *name)
{
    for (int i = reader->count - 1; i >= 0; i--)
        if (strcmp(reader->nodes[i].name, name) == 0)
            return i;
    return -1;
}

/* A whole number from `least` to LARGEST_WINDOW. */
static bool read_number(const json_t *object, const char *key, int least, int *ret)
{
    const json_t *number = json_object_get(object, key);
    const json_int_t value = json_integer_value(number);

    *ret = (int)value;
    return json_is_integer(number) && value >= least && value <= LARGEST_WINDOW;
}

static bool read_config(const json_t *object, struct ic_listed_node *node)
{
    if (node->op == IC_NODE_CONV2D || node->op == IC_NODE_MAXPOOL)
        return read_number(object, "kernel", 1, &node->kernel) &&
               read_number(object, "stride", 1, &node->stride) &&
               read_number(object, "padding", 0, &node->pad);
    if (node->op == IC_NODE_BATCHNORM) {
        const json_t *epsilon = json_object_get(object, "epsilon");
        const json_t *momentum = json_object_get(object, "momentum");

        node->epsilon = json_number_value(epsilon);
        node->momentum = json_number_value(momentum);
        node->relu = json_is_true(json_object_get(object, "relu"));
        return json_is_number(epsilon) && node->epsilon >= 0 &&
               json_is_number(momentum);
    }
    return true;
}

static bool read_op(const json_t *object, enum ic_node_op *ret_op)
{
    const char *word = json_string_value(json_object_get(object, "op"));

    for (int i = 0; word != NULL && i < IC_NODE_OPS; i++) {
        *ret_op = (enum ic_node_op)i;
        if (strcmp(op_names[i], word) == 0)
            return true;
    }
    return false;
}

static bool read_node(struct reader *reader, const json_t *object)
{
    struct ic_listed_node *node = &reader->nodes[reader->count];
    const char *inputs[IC_NODE_INPUTS];

    node->name = copy(reader, json_object_get(object, "name"));
    if (node->name == NULL || !read_op(object, &node->op) ||
        (node->op == IC_NODE_INPUT) != (reader->count == 0) ||
        !read_names(reader, object, "inputs", IC_NODE_INPUTS, inputs,
                    &node->input_count) ||
        !read_names(reader, object, "parameters", IC_NODE_PARAMS, node->params,
                    &node->param_count) ||
        !read_names(reader, object, "states", IC_NODE_STATES, node->states,
                    &node->state_count) ||
        !read_config(object, node) ||
        (node->op != IC_NODE_INPUT && node->input_count == 0))
        return false;
    for (int i = 0; i < node->input_count; i++) {
        node->inputs[i] = find_node(reader, inputs[i]);
        if (node->inputs[i] < 0)
            return false;
    }
    reader->count++;
    return true;
}

ic_status ic_node_list_read(const char *text, const char *path, struct ic_arena *arena,
                            struct ic_node_list *ret_list, struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    json_t *list = ic_jansson_load(text, strlen(text), 0, NULL);
    const size_t count = json_array_size(list);
    struct reader reader = {.arena = arena};
    bool good = count > 0 && count <= MOST_NODES;

    if (good) {
        reader.nodes = ic_arena_alloc(arena, count, sizeof *reader.nodes);
        reader.no_memory = reader.nodes == NULL;
    }
    for (size_t i = 0; good && !reader.no_memory && i < count; i++)
        good = read_node(&reader, json_array_get(list, i));
    json_decref(list);
    *ret_list = (struct ic_node_list){reader.nodes, reader.count};
    if (reader.no_memory || ic_jansson_failures() != before)
        return ic_fail_memory(error, "the list of nodes", strlen(text));
    if (!good)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: entry %d of the metadata's \"nodes\" is not a node as "
                       "im2cat dump writes it",
                       path, reader.count);
    return IC_OK;
}
