/* SPDX-License-Identifier: MIT */
/*
 * Plans the memory of gradients, and of the outputs of forward that backward reads.
 *
 * An output that backward reads need not live until then. Where the op can
 * recompute it from arrays that live anyway (a batch norm without a residual, from its
 * input), it gets a second buffer that lives from the first backward step that reads it
 * to the last, and the memory of the first buffer is free in between. This saves more
 * than a quarter of a residual network's activations, for one more pass over a few of
 * them.
 */
#include "graph/op.h"
#include "graph/plan_draft.h"

/* The group of a node's parameters; -1 for a node without. */
static int group_of(const struct ic_graph *graph, int node)
{
    return graph->nodes[node].param_count > 0
               ? graph->params[graph->nodes[node].params[0]].group
               : -1;
}

/* The nodes whose backward pass reads an output: the first on the way down, and the
 * last; -1 for none. */
struct reading {
    int first, last;
    bool other_group; /* one of them has its parameters in another group */
};

static struct reading reading_of(const struct ic_graph *graph, int i)
{
    const int self = graph->nodes[i].reads_output ? i : -1;
    struct reading r = {.first = self, .last = self};

    for (int j = i + 1; j < graph->count; j++)
        for (int k = 0; k < graph->nodes[j].input_count; k++) {
            if (graph->nodes[j].inputs[k] != i || !graph->nodes[j].reads_input[k])
                continue;
            r.first = j;
            r.last = r.last < 0 ? j : r.last;
            r.other_group = r.other_group || group_of(graph, j) != group_of(graph, i);
        }
    return r;
}

/* A reader in another group may learn while node i is frozen. The output of node i may
 * then have come in as features, without the input to recompute it from. */
void ic_plan_outputs_backward(struct ic_plan_draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        const struct ic_node *node = &draft->graph->nodes[i];
        const struct reading r = reading_of(draft->graph, i);
        struct ic_plan_node *p = &draft->plan->nodes[i];

        if (r.first < 0)
            continue;
        if (node->recomputable && !r.other_group && !draft->options->keep_all) {
            p->recompute_at = r.first;
            p->out_recomputed = ic_plan_add_buffer(
                draft, ic_node_bytes(node), 0, ic_plan_backward_step(draft, r.first),
                ic_plan_backward_step(draft, r.last));
        } else {
            ic_plan_stretch(draft, p->out, ic_plan_backward_step(draft, r.last));
        }
    }
}

/* Marks the gradients that are needed: those on the way to a parameter. */
static void plan_wishes(struct ic_plan_draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        const struct ic_node *node = &draft->graph->nodes[i];

        draft->wanted[i] = node->param_count > 0;
        for (int k = 0; k < node->input_count; k++) {
            draft->plan->nodes[i].needs_dx[k] = draft->wanted[node->inputs[k]];
            draft->wanted[i] = draft->wanted[i] || draft->wanted[node->inputs[k]];
        }
    }
}

/* Plans gradients in the order in which backward writes them. The first node on the way
 * down that writes a gradient decides where it lies: over that node's dy where allowed,
 * else in a new buffer. The other nodes add to it. */
void ic_plan_gradients(struct ic_plan_draft *draft)
{
    const struct ic_graph *graph = draft->graph;
    struct ic_plan_node *nodes = draft->plan->nodes;
    const int top = graph->count - 1;

    plan_wishes(draft);
    nodes[top].dout =
        ic_plan_add_buffer(draft, ic_node_bytes(&graph->nodes[top]), 0,
                           ic_plan_loss_step(draft), ic_plan_backward_step(draft, top));
    for (int i = top; i > 0; i--) {
        const struct ic_node *node = &graph->nodes[i];
        const int now = ic_plan_backward_step(draft, i);

        if (!draft->wanted[i] || nodes[i].dout == IC_NO_BUFFER)
            continue;
        for (int k = 0; k < node->input_count; k++) {
            const int below = node->inputs[k];

            if (!nodes[i].needs_dx[k])
                continue;
            nodes[i].accumulate[k] = nodes[below].dout != IC_NO_BUFFER;
            if (nodes[i].accumulate[k])
                continue;
            if (node->gradient_in_place == k && !draft->options->keep_all)
                nodes[below].dout = nodes[i].dout;
            else
                nodes[below].dout = ic_plan_add_buffer(
                    draft, ic_node_bytes(&graph->nodes[below]), 0, now, now);
            ic_plan_stretch(draft, nodes[below].dout,
                            ic_plan_backward_step(draft, below));
        }
    }
}
