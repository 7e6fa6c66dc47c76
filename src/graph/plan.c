/* SPDX-License-Identifier: MIT */
/*
 * Derives the life of every array from the graph and lays them out. See plan.h; what
 * backward adds is in plan_backward.c.
 */
#include "graph/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "graph/op.h"
#include "graph/plan_draft.h"

size_t ic_plan_add_buffer(struct ic_plan_draft *draft, size_t per_sample, size_t once,
                          int first, int last)
{
    struct ic_buffer *buffer = &draft->buffers[draft->count];

    if (!ic_size_mul(per_sample, (size_t)draft->options->batch, &buffer->size) ||
        !ic_size_add(buffer->size, once, &buffer->size))
        draft->overflow = true;
    buffer->first = draft->options->keep_all ? 0 : first;
    buffer->last = draft->options->keep_all ? ic_plan_last_step(draft) : last;
    return draft->count++;
}

void ic_plan_stretch(struct ic_plan_draft *draft, size_t buffer, int step)
{
    struct ic_buffer *b = &draft->buffers[buffer];

    if (step < b->first)
        b->first = step;
    if (step > b->last)
        b->last = step;
}

/* Whether node i may write its output over its first input: only in evaluation, and
 * only when no other node reads that input. */
static bool output_in_place(const struct ic_plan_draft *draft, int i)
{
    const struct ic_node *node = &draft->graph->nodes[i];

    return !draft->options->training && !draft->options->keep_all &&
           node->output_in_place && draft->readers[node->inputs[0]] == 1 &&
           ic_node_bytes(node) == ic_node_bytes(&draft->graph->nodes[node->inputs[0]]);
}

static void plan_outputs(struct ic_plan_draft *draft)
{
    const struct ic_graph *graph = draft->graph;

    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        struct ic_plan_node *p = &draft->plan->nodes[i];

        if (i > 0 && output_in_place(draft, i))
            p->out = draft->plan->nodes[node->inputs[0]].out;
        else
            p->out =
                ic_plan_add_buffer(draft, ic_node_bytes(node), 0,
                                   ic_plan_forward_step(i), ic_plan_forward_step(i));
        ic_plan_stretch(draft, p->out, ic_plan_forward_step(i));
        for (int k = 0; k < node->input_count; k++)
            ic_plan_stretch(draft, draft->plan->nodes[node->inputs[k]].out,
                            ic_plan_forward_step(i));
        if (i == graph->count - 1) /* the logits can be read until the next batch */
            ic_plan_stretch(draft, p->out, ic_plan_last_step(draft));
    }
}

static void plan_saved(struct ic_plan_draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        const struct ic_node *node = &draft->graph->nodes[i];

        for (int k = 0; k < node->saved_count; k++)
            draft->plan->nodes[i].saved[k] = ic_plan_add_buffer(
                draft, node->saved_per_sample[k], node->saved_once[k],
                ic_plan_forward_step(i),
                draft->options->training ? ic_plan_backward_step(draft, i)
                                         : ic_plan_forward_step(i));
    }
}

static void plan_workspaces(struct ic_plan_draft *draft,
                            const struct ic_backend *backend, struct ic_device *device)
{
    const struct ic_graph *graph = draft->graph;
    const bool training = draft->options->training;

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        struct ic_shape in[IC_NODE_INPUTS];
        struct ic_buffer *buffer;

        if (node->op->workspace == NULL)
            continue;
        for (int k = 0; k < node->input_count; k++)
            in[k] = graph->nodes[node->inputs[k]].out;
        draft->plan->nodes[i].workspace =
            ic_plan_add_buffer(draft, 0,
                               node->op->workspace(node, in, backend, device,
                                                   draft->options->batch, training),
                               ic_plan_forward_step(i), ic_plan_forward_step(i));
        if (!training)
            continue;
        /* The workspace has two lives, one in each pass. */
        buffer = &draft->buffers[draft->plan->nodes[i].workspace];
        draft->plan->nodes[i].backward_workspace =
            ic_plan_add_buffer(draft, 0, buffer->size, ic_plan_backward_step(draft, i),
                               ic_plan_backward_step(draft, i));
    }
}

/* Packed weights, which live from ic_net_pack_weights on. */
static void plan_packed(struct ic_plan_draft *draft, const struct ic_backend *backend,
                        struct ic_device *device)
{
    const struct ic_graph *graph = draft->graph;
    size_t *end = &draft->plan->packed_bytes;

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        size_t bytes;

        assert(!draft->options->training || node->op->backward != NULL);
        if (node->op->packed_bytes == NULL)
            continue;
        bytes = node->op->packed_bytes(node, graph->nodes[node->inputs[0]].out, backend,
                                       device, draft->options->batch);
        draft->plan->nodes[i].packed = *end;
        if (!ic_size_add(*end, ic_size_align(bytes, IC_ALIGNMENT), end))
            draft->overflow = true;
    }
}

/* The batch as it comes in, what is mixed into it, and its losses. */
static void plan_batch(struct ic_plan_draft *draft)
{
    const size_t picture = ic_shape_count(draft->graph->nodes[0].out); /* of RGB */
    const int end = ic_plan_last_step(draft), top = draft->graph->count - 1;
    struct ic_plan *plan = draft->plan;

    plan->rgb = ic_plan_add_buffer(draft, picture, 0, 0, 0);
    plan->labels =
        ic_plan_add_buffer(draft, sizeof(int32_t), 0, ic_plan_loss_step(draft), end);
    plan->losses =
        ic_plan_add_buffer(draft, sizeof(float), 0, ic_plan_loss_step(draft), end);
    plan->other_rgb = plan->other_labels = plan->share = IC_NO_BUFFER;
    plan->class_weights = IC_NO_BUFFER;
    if (draft->options->weighted)
        plan->class_weights = ic_plan_add_buffer(
            draft, 0, sizeof(float) * ic_shape_count(draft->graph->nodes[top].out), 0,
            end);
    if (!draft->options->mixing)
        return;
    plan->other_rgb = ic_plan_add_buffer(draft, picture, 0, 0, 0);
    plan->other_labels =
        ic_plan_add_buffer(draft, sizeof(int32_t), 0, 0, ic_plan_loss_step(draft));
    plan->share =
        ic_plan_add_buffer(draft, sizeof(float), 0, 0, ic_plan_loss_step(draft));
}

/* Replaces the number of a buffer by its offset. */
static void resolve(const struct ic_plan_draft *draft, size_t *place)
{
    if (*place != IC_NO_BUFFER)
        *place = draft->buffers[*place].offset;
}

static void resolve_all(struct ic_plan_draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        struct ic_plan_node *p = &draft->plan->nodes[i];

        resolve(draft, &p->out);
        resolve(draft, &p->out_recomputed);
        resolve(draft, &p->dout);
        resolve(draft, &p->workspace);
        resolve(draft, &p->backward_workspace);
        for (int k = 0; k < IC_NODE_SAVED; k++)
            resolve(draft, &p->saved[k]);
    }
    resolve(draft, &draft->plan->rgb);
    resolve(draft, &draft->plan->labels);
    resolve(draft, &draft->plan->losses);
    resolve(draft, &draft->plan->other_rgb);
    resolve(draft, &draft->plan->other_labels);
    resolve(draft, &draft->plan->share);
    resolve(draft, &draft->plan->class_weights);
}

/* Plans the buffers of the activation block: which exist, when they live, where they
 * lie. */
static ic_status lay_out(struct ic_plan_draft *draft, const struct ic_backend *backend,
                         struct ic_device *device, struct ic_error *error)
{
    ic_status status;

    for (int i = 0; i < draft->graph->count; i++) {
        struct ic_plan_node *p = &draft->plan->nodes[i];

        p->out = p->out_recomputed = p->dout = p->workspace = p->backward_workspace =
            IC_NO_BUFFER;
        p->packed = IC_NO_BUFFER;
        for (int k = 0; k < IC_NODE_SAVED; k++)
            p->saved[k] = IC_NO_BUFFER;
    }
    ic_graph_count_readers(draft->graph, draft->readers);
    plan_batch(draft);
    plan_outputs(draft);
    plan_saved(draft);
    if (draft->options->training) {
        ic_plan_outputs_backward(draft);
        ic_plan_gradients(draft);
    }
    plan_workspaces(draft, backend, device);
    plan_packed(draft, backend, device);
    if (draft->overflow)
        return ic_fail(error, IC_ERR_LIMIT, "a batch of %d is larger than any memory",
                       draft->options->batch);
    status =
        ic_layout(draft->buffers, draft->count, &draft->plan->activation_bytes, error);
    if (status == IC_OK)
        resolve_all(draft);
    return status;
}

static ic_status add_up(struct ic_plan *plan, const struct ic_graph *graph,
                        const struct ic_backend *backend, struct ic_error *error)
{
    const size_t params =
        ic_size_align(graph->param_floats * sizeof(float), IC_ALIGNMENT);
    size_t sum, set;

    plan->param_bytes = params;
    plan->state_bytes =
        ic_size_align(graph->state_floats * sizeof(float), IC_ALIGNMENT);
    if (!ic_size_mul(params, (size_t)ic_plan_gradient_blocks(&plan->options),
                     &plan->grad_bytes) ||
        !ic_size_mul(ic_plan_statistics(graph) * sizeof(double),
                     (size_t)ic_plan_micro_batches(&plan->options),
                     &plan->statistics_bytes) ||
        !ic_size_mul(params, (size_t)plan->options.slots, &plan->slot_bytes) ||
        !ic_size_add(params, plan->state_bytes, &set) ||
        !ic_size_mul(set, plan->options.average ? 2 : 1, &sum) ||
        !ic_size_add(sum, plan->grad_bytes, &sum) ||
        !ic_size_add(sum, plan->statistics_bytes, &sum) ||
        !ic_size_add(sum, plan->slot_bytes, &sum) ||
        !ic_size_add(sum, plan->packed_bytes, &sum) ||
        !ic_size_add(sum, plan->activation_bytes, &plan->total_bytes))
        return ic_fail(error, IC_ERR_LIMIT,
                       "the arrays of this network are larger than any memory");
    plan->average_bytes = plan->options.average ? set : 0;
    plan->own_bytes = plan->options.part == IC_PLAN_WEIGHTS ? sum
                      : plan->options.part == IC_PLAN_WORK  ? plan->activation_bytes
                                                            : plan->total_bytes;

    if (plan->options.training && plan->options.ranks > 1)
        plan->exchange_bytes = ic_plan_exchange(plan, backend);
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].count * sizeof(float) > plan->largest_bytes)
            plan->largest_bytes = graph->params[i].count * sizeof(float);
    return IC_OK;
}

ic_status ic_plan_make(const struct ic_graph *graph, const struct ic_backend *backend,
                       struct ic_device *device, const struct ic_plan_options *options,
                       struct ic_plan *ret_plan, struct ic_error *error)
{
    const size_t nodes = (size_t)graph->count;
    struct ic_plan_draft draft = {.graph = graph, .options = options, .plan = ret_plan};
    ic_status status;

    assert(!options->training || options->part == IC_PLAN_WHOLE);
    memset(ret_plan, 0, sizeof *ret_plan);
    ret_plan->options = *options;
    ret_plan->nodes = calloc(nodes, sizeof *ret_plan->nodes);
    draft.readers = calloc(nodes, sizeof *draft.readers);
    draft.wanted = calloc(nodes, sizeof *draft.wanted);
    /* A node has an output, perhaps twice, a gradient, two workspaces and what it
     * saves; the batch has six buffers. */
    draft.buffers = calloc(nodes * (5 + IC_NODE_SAVED) + 6, sizeof *draft.buffers);
    if (ret_plan->nodes == NULL || draft.readers == NULL || draft.buffers == NULL ||
        draft.wanted == NULL) {
        status = ic_fail(error, IC_ERR_LIMIT, "out of memory for a memory plan");
        goto out;
    }
    status = lay_out(&draft, backend, device, error);
    if (status == IC_OK)
        status = add_up(ret_plan, graph, backend, error);
    if (status == IC_OK)
        status = backend->sync(device, error);
out:
    free(draft.wanted);
    free(draft.readers);
    free(draft.buffers);
    if (status != IC_OK)
        ic_plan_free(ret_plan);
    return status;
}

void ic_plan_free(struct ic_plan *plan)
{
    free(plan->nodes);
    memset(plan, 0, sizeof *plan);
}
