/*
 * Names and order of a network's tensors, as torchvision's state_dict has them.
 *
 * A module lists its parameters, then its states, and a batch norm ends with the scalar
 * num_batches_tracked. Modules stand in the order of creation but for one thing: in a
 * residual block the graph makes downsample before bn2, which adds its output, and
 * torchvision lists it behind bn2, at the block's end.
 */
#include "model/names.h"

#include <string.h>

#define SHORTCUT ".downsample."

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

/* Length of "layer2.0.downsample." in "layer2.0.downsample.1"; 0 in other names. */
static size_t shortcut(const char *name)
{
    const char *at = strstr(name, SHORTCUT);

    return at != NULL ? (size_t)(at - name) + strlen(SHORTCUT) : 0;
}

/* Lists the modules of the shortcut that ends in `end`. */
static bool list_shortcut(struct list *list, const struct ic_node *end)
{
    const size_t length = shortcut(end->name);

    for (const struct ic_node *node = list->graph->nodes; node <= end; node++)
        if (strncmp(node->name, end->name, length) == 0 && !list_node(list, node))
            return false;
    return true;
}

static bool list_all(struct list *list)
{
    const struct ic_node *nodes = list->graph->nodes;

    for (int i = 0; i < list->graph->count; i++) {
        const int residual = nodes[i].input_count == 2 ? nodes[i].inputs[1] : 0;

        if (shortcut(nodes[i].name))
            continue; /* it follows the module that adds its output */
        if (!list_node(list, &nodes[i]))
            return false;
        if (shortcut(nodes[residual].name) && !list_shortcut(list, &nodes[residual]))
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

bool ic_weight_is_body(const char *name)
{
    return strncmp(name, "conv1.", 6) == 0 || strncmp(name, "bn1.", 4) == 0 ||
           strncmp(name, "layer", 5) == 0;
}
