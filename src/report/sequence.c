/* SPDX-License-Identifier: MIT */
/*
 * The order of computation, from the list of nodes. See sequence.h.
 */
#include "report/sequence.h"

/* The optimisers' words for their state (ic_optimizer_slot_name). */
static const char *const slots[] = {"velocity", "mean", "square"};

enum {
    SLOTS = sizeof slots / sizeof *slots,
    AROUND = 7, /* entries of no node */
    PER_NODE = 3 + 2 * IC_NODE_STATES + (3 + SLOTS) * IC_NODE_PARAMS
};

struct maker {
    struct ic_sequence *sequence;
    const struct ic_node_list *nodes;
    struct ic_arena *arena;
    bool no_memory;
};

static void add(struct maker *maker, enum ic_stage stage, int node, const char *array,
                const char *name)
{
    maker->no_memory |= name == NULL;
    maker->sequence->entries[maker->sequence->count++] =
        (struct ic_sequence_entry){name, stage, node, array};
}

/* Adds NAME between two words. */
static void add_named(struct maker *maker, enum ic_stage stage, int node,
                      const char *array, const char *before, const char *after)
{
    const char *name = array != NULL ? array : maker->nodes->nodes[node].name;

    add(maker, stage, node, array,
        ic_arena_format(maker->arena, "%s%s%s", before, name, after));
}

static void add_forward(struct maker *maker, int i)
{
    const struct ic_listed_node *node = &maker->nodes->nodes[i];

    for (int k = 0; k < node->param_count; k++)
        add(maker, IC_STAGE_ARRAY, i, node->params[k], node->params[k]);
    for (int k = 0; k < node->state_count; k++)
        add(maker, IC_STAGE_ARRAY, i, node->states[k], node->states[k]);
    add_named(maker, IC_STAGE_ACTIVATION, i, NULL, "activation.", "");
    for (int k = 0; k < node->state_count; k++)
        add_named(maker, IC_STAGE_STATISTICS, i, node->states[k], "updated.", "");
}

static void add_backward(struct maker *maker, int i)
{
    const struct ic_listed_node *node = &maker->nodes->nodes[i];

    add_named(maker, IC_STAGE_GRADIENT, i, NULL, "gradient.", "");
    for (int k = 0; k < node->param_count; k++)
        add_named(maker, IC_STAGE_GRAD, i, node->params[k], "", ".grad");
}

static void add_step(struct maker *maker, int i)
{
    const struct ic_listed_node *node = &maker->nodes->nodes[i];

    for (int k = 0; k < node->param_count; k++) {
        for (int slot = 0; slot < SLOTS; slot++) {
            const char *before =
                ic_arena_format(maker->arena, "optimizer.%s.", slots[slot]);

            maker->no_memory |= before == NULL;
            if (before != NULL)
                add_named(maker, IC_STAGE_SLOT, i, node->params[k], before, "");
        }
        add_named(maker, IC_STAGE_UPDATED, i, node->params[k], "updated.", "");
    }
}

ic_status ic_sequence_make(struct ic_sequence *sequence,
                           const struct ic_node_list *nodes, struct ic_arena *arena,
                           struct ic_error *error)
{
    const size_t most = AROUND + (size_t)nodes->count * PER_NODE;
    struct maker maker = {sequence, nodes, arena, false};

    sequence->count = 0;
    sequence->entries = ic_arena_alloc(arena, most, sizeof *sequence->entries);
    if (sequence->entries == NULL)
        return ic_fail_memory(error, "the order of computation",
                              most * sizeof *sequence->entries);
    add(&maker, IC_STAGE_PIXELS, -1, NULL, "pixels");
    add(&maker, IC_STAGE_INPUT, -1, NULL, "input");
    add(&maker, IC_STAGE_LABELS, -1, NULL, "labels");
    for (int i = 1; i < nodes->count; i++)
        add_forward(&maker, i);
    add(&maker, IC_STAGE_LOGITS, nodes->count - 1, NULL, "logits");
    add(&maker, IC_STAGE_LOSSES, -1, NULL, "losses");
    add(&maker, IC_STAGE_LOSS, -1, NULL, "loss");
    for (int i = nodes->count - 1; i > 0; i--)
        add_backward(&maker, i);
    for (int i = 1; i < nodes->count; i++)
        add_step(&maker, i);
    if (maker.no_memory)
        return ic_fail_memory(error, "the order of computation", 0);
    return IC_OK;
}
