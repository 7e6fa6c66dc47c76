/* SPDX-License-Identifier: MIT */
/*
 * Names and order of a network's tensors, as torchvision's state_dict has them.
 *
 * A module lists its parameters, then its states, and a batch norm ends with the scalar
 * num_batches_tracked. Modules are listed in the order of creation, with one exception:
 * the graph makes the shortcut of a residual block (downsample) before the batch norm
 * that adds its output, and torchvision lists it afterwards, at the block's end.
 */
#include "model/names.h"

struct list {
    const struct ic_graph *graph;
    struct ic_arena *arena;
    struct ic_weight_name *names;
    size_t count;
};

static bool list_node(struct list *list, const struct ic_node *node)
{
    struct ic_weight_name *next = list->names + list->count;

    for (int i = 0; i < node->param_count; i++) {
        const struct ic_array *array = &list->graph->params[node->params[i]];
        *next++ = (struct ic_weight_name){array->name, array, false};
    }
    for (int i = 0; i < node->state_count; i++) {
        const struct ic_array *array = &list->graph->states[node->states[i]];
        *next++ = (struct ic_weight_name){array->name, array, true};
    }
    if (node->state_count > 0) {
        next->name = ic_arena_format(list->arena, "%s.num_batches_tracked", node->name);
        if ((next++)->name == NULL)
            return false;
    }
    list->count = (size_t)(next - list->names);
    return true;
}

/* For each node of a shortcut, the number of the node that adds its output; 0 for other
 * nodes. From the adding node, main path and shortcut are walked back along the first
 * inputs to the node where they part; node numbers fall along both. */
static int *find_shortcuts(const struct ic_graph *graph, struct ic_arena *arena)
{
    int *adds = ic_arena_alloc(arena, (size_t)graph->count, sizeof *adds);

    for (int i = 0; adds != NULL && i < graph->count; i++) {
        const struct ic_node *nodes = graph->nodes;
        int main = nodes[i].inputs[0], shortcut = nodes[i].inputs[1];

        while (nodes[i].input_count == 2 && main != shortcut) {
            if (main > shortcut) {
                main = nodes[main].inputs[0];
            } else {
                adds[shortcut] = i;
                shortcut = nodes[shortcut].inputs[0];
            }
        }
    }
    return adds;
}

static bool list_all(struct list *list)
{
    const struct ic_graph *graph = list->graph;
    const int *adds = find_shortcuts(graph, list->arena);

    if (adds == NULL)
        return false;
    for (int i = 0; i < graph->count; i++) {
        if (adds[i] != 0)
            continue; /* listed after the node that adds its output */
        if (!list_node(list, &graph->nodes[i]))
            return false;
        for (int j = 0; j < i; j++)
            if (adds[j] == i && !list_node(list, &graph->nodes[j]))
                return false;
    }
    return true;
}

ic_status ic_weight_names(const struct ic_graph *graph, struct ic_arena *arena,
                          struct ic_weight_name **ret_names, size_t *ret_count,
                          struct ic_error *error)
{
    const size_t most =
        (size_t)graph->param_count + (size_t)graph->state_count + (size_t)graph->count;
    struct list list = {.graph = graph, .arena = arena};

    list.names = ic_arena_alloc(arena, most, sizeof *list.names);
    if (list.names == NULL || !list_all(&list))
        return ic_fail(error, IC_ERR_LIMIT, "no memory for the names of %zu tensors",
                       most);
    *ret_names = list.names;
    *ret_count = list.count;
    return IC_OK;
}
