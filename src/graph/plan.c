/*
 * Derives the life of every array from the graph and lays them out. See plan.h.
 *
 * The steps of a training plan of n nodes: forward 0 .. n-1, loss n, backward n+1 .. 2n
 * (node 0 at 2n). An evaluation plan ends at step n.
 */
#include "graph/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "graph/layout.h"
#include "graph/op.h"

/* What the plan is made of while it is made: the buffers, and which of them each array
 * of the plan has. Several arrays may share one buffer (in place). */
struct draft {
    const struct ic_graph *graph;
    const struct ic_plan_options *options;
    struct ic_plan *plan;
    struct ic_buffer *buffers;
    size_t count;
    bool overflow;
    int *readers; /* of each node's output: how many nodes take it */
};

static int forward_step(int node)
{
    return node;
}

static int loss_step(const struct draft *draft)
{
    return draft->graph->count;
}

static int backward_step(const struct draft *draft, int node)
{
    return 2 * draft->graph->count - node;
}

static int last_step(const struct draft *draft)
{
    return 2 * draft->graph->count;
}

/* A new buffer of per_sample * batch + once bytes; its number. */
static size_t add_buffer(struct draft *draft, size_t per_sample, size_t once, int first,
                         int last)
{
    struct ic_buffer *buffer = &draft->buffers[draft->count];

    if (!ic_size_mul(per_sample, (size_t)draft->options->batch, &buffer->size) ||
        !ic_size_add(buffer->size, once, &buffer->size))
        draft->overflow = true;
    buffer->first = draft->options->keep_all ? 0 : first;
    buffer->last = draft->options->keep_all ? last_step(draft) : last;
    return draft->count++;
}

/* Lets a buffer live at `step` too. */
static void stretch(struct draft *draft, size_t buffer, int step)
{
    struct ic_buffer *b = &draft->buffers[buffer];

    if (step < b->first)
        b->first = step;
    if (step > b->last)
        b->last = step;
}

static size_t sample_bytes(const struct ic_node *node)
{
    const struct ic_shape out = node->out;

    return (size_t)out.height * (size_t)out.width * (size_t)out.channels *
           sizeof(float);
}

/* Whether node i may write its output over its first input's: only in evaluation, when
 * nobody else reads that input. */
static bool output_in_place(const struct draft *draft, int i)
{
    const struct ic_node *node = &draft->graph->nodes[i];

    return !draft->options->training && !draft->options->keep_all &&
           node->output_in_place && draft->readers[node->inputs[0]] == 1 &&
           sample_bytes(node) == sample_bytes(&draft->graph->nodes[node->inputs[0]]);
}

static void plan_outputs(struct draft *draft)
{
    const struct ic_graph *graph = draft->graph;
    const bool training = draft->options->training;

    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        struct ic_plan_node *p = &draft->plan->nodes[i];

        if (i > 0 && output_in_place(draft, i))
            p->out = draft->plan->nodes[node->inputs[0]].out;
        else
            p->out = add_buffer(draft, sample_bytes(node), 0, forward_step(i),
                                forward_step(i));
        stretch(draft, p->out, forward_step(i));
        if (training && node->reads_output)
            stretch(draft, p->out, backward_step(draft, i));
        for (int k = 0; k < node->input_count; k++) {
            const size_t in = draft->plan->nodes[node->inputs[k]].out;

            stretch(draft, in, forward_step(i));
            if (training && node->reads_input[k])
                stretch(draft, in, backward_step(draft, i));
        }
        if (i == graph->count - 1) /* the logits can be read until the next batch */
            stretch(draft, p->out, last_step(draft));
    }
}

static void plan_saved(struct draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        const struct ic_node *node = &draft->graph->nodes[i];

        for (int k = 0; k < node->saved_count; k++)
            draft->plan->nodes[i].saved[k] = add_buffer(
                draft, node->saved_per_sample[k], node->saved_once[k], forward_step(i),
                draft->options->training ? backward_step(draft, i) : forward_step(i));
    }
}

/* Which gradients anybody asks for: those on the way to a parameter. */
static void plan_wishes(struct draft *draft, bool *wanted)
{
    for (int i = 0; i < draft->graph->count; i++) {
        const struct ic_node *node = &draft->graph->nodes[i];

        wanted[i] = node->param_count > 0;
        for (int k = 0; k < node->input_count; k++) {
            draft->plan->nodes[i].wants_dx[k] = wanted[node->inputs[k]];
            wanted[i] = wanted[i] || wanted[node->inputs[k]];
        }
    }
}

/* Gradients, in the order in which backward writes them. The first node on the way down
 * that writes a gradient decides where it lies: over its own dy where it may, else in a
 * buffer of its own. The others add to it. */
static void plan_gradients(struct draft *draft, bool *wanted)
{
    const struct ic_graph *graph = draft->graph;
    struct ic_plan_node *nodes = draft->plan->nodes;
    const int top = graph->count - 1;

    plan_wishes(draft, wanted);
    nodes[top].dout = add_buffer(draft, sample_bytes(&graph->nodes[top]), 0,
                                 loss_step(draft), backward_step(draft, top));
    for (int i = top; i > 0; i--) {
        const struct ic_node *node = &graph->nodes[i];
        const int now = backward_step(draft, i);

        if (!wanted[i] || nodes[i].dout == IC_NO_BUFFER)
            continue;
        for (int k = 0; k < node->input_count; k++) {
            const int below = node->inputs[k];

            if (!nodes[i].wants_dx[k])
                continue;
            nodes[i].accumulate[k] = nodes[below].dout != IC_NO_BUFFER;
            if (nodes[i].accumulate[k])
                continue;
            if (node->gradient_in_place == k && !draft->options->keep_all)
                nodes[below].dout = nodes[i].dout;
            else
                nodes[below].dout =
                    add_buffer(draft, sample_bytes(&graph->nodes[below]), 0, now, now);
            stretch(draft, nodes[below].dout, backward_step(draft, below));
        }
    }
}

static void plan_workspaces(struct draft *draft, const struct ic_backend *backend,
                            struct ic_device *device)
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
            add_buffer(draft, 0,
                       node->op->workspace(node, in, backend, device,
                                           draft->options->batch, training),
                       forward_step(i), forward_step(i));
        if (!training)
            continue;
        /* The workspace has two lives, one in each pass. */
        buffer = &draft->buffers[draft->plan->nodes[i].workspace];
        draft->plan->nodes[i].backward_workspace = add_buffer(
            draft, 0, buffer->size, backward_step(draft, i), backward_step(draft, i));
    }
}

/* What nodes keep from ic_net_prepare on. */
static void plan_kept(struct draft *draft, const struct ic_backend *backend,
                      struct ic_device *device)
{
    const struct ic_graph *graph = draft->graph;

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];

        assert(!draft->options->training || node->op->backward != NULL);
        if (node->op->kept != NULL)
            draft->plan->nodes[i].kept =
                add_buffer(draft, 0,
                           node->op->kept(node, graph->nodes[node->inputs[0]].out,
                                          backend, device, draft->options->batch),
                           0, last_step(draft));
    }
}

/* The batch as it comes in, what is mixed into it, and its losses. */
static void plan_batch(struct draft *draft)
{
    const size_t picture = sample_bytes(&draft->graph->nodes[0]) / sizeof(float);
    const int end = last_step(draft);
    struct ic_plan *plan = draft->plan;

    plan->rgb = add_buffer(draft, picture, 0, 0, 0);
    plan->labels = add_buffer(draft, sizeof(int32_t), 0, loss_step(draft), end);
    plan->losses = add_buffer(draft, sizeof(float), 0, loss_step(draft), end);
    plan->other_rgb = plan->other_labels = plan->share = IC_NO_BUFFER;
    if (!draft->options->mixing)
        return;
    plan->other_rgb = add_buffer(draft, picture, 0, 0, 0);
    plan->other_labels = add_buffer(draft, sizeof(int32_t), 0, 0, loss_step(draft));
    plan->share = add_buffer(draft, sizeof(float), 0, 0, loss_step(draft));
}

/* Numbers of buffers become offsets. */
static void resolve(const struct draft *draft, size_t *place)
{
    if (*place != IC_NO_BUFFER)
        *place = draft->buffers[*place].offset;
}

static void resolve_all(struct draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++) {
        struct ic_plan_node *p = &draft->plan->nodes[i];

        resolve(draft, &p->out);
        resolve(draft, &p->dout);
        resolve(draft, &p->workspace);
        resolve(draft, &p->backward_workspace);
        resolve(draft, &p->kept);
        for (int k = 0; k < IC_NODE_SAVED; k++)
            resolve(draft, &p->saved[k]);
    }
    resolve(draft, &draft->plan->rgb);
    resolve(draft, &draft->plan->labels);
    resolve(draft, &draft->plan->losses);
    resolve(draft, &draft->plan->other_rgb);
    resolve(draft, &draft->plan->other_labels);
    resolve(draft, &draft->plan->share);
}

static void count_readers(struct draft *draft)
{
    for (int i = 0; i < draft->graph->count; i++)
        for (int k = 0; k < draft->graph->nodes[i].input_count; k++)
            draft->readers[draft->graph->nodes[i].inputs[k]]++;
}

/* All buffers of the activation block: which there are, when they live, where they lie.
 */
static ic_status lay_out(struct draft *draft, const struct ic_backend *backend,
                         struct ic_device *device, bool *wanted, struct ic_error *error)
{
    ic_status status;

    for (int i = 0; i < draft->graph->count; i++) {
        struct ic_plan_node *p = &draft->plan->nodes[i];

        p->out = p->dout = p->workspace = p->backward_workspace = IC_NO_BUFFER;
        p->kept = IC_NO_BUFFER;
        for (int k = 0; k < IC_NODE_SAVED; k++)
            p->saved[k] = IC_NO_BUFFER;
    }
    count_readers(draft);
    plan_batch(draft);
    plan_outputs(draft);
    plan_saved(draft);
    if (draft->options->training)
        plan_gradients(draft, wanted);
    plan_workspaces(draft, backend, device);
    plan_kept(draft, backend, device);
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
                        struct ic_error *error)
{
    const size_t params =
        ic_size_align(graph->param_floats * sizeof(float), IC_LAYOUT_ALIGN);
    size_t sum, set;

    plan->param_bytes = params;
    plan->state_bytes =
        ic_size_align(graph->state_floats * sizeof(float), IC_LAYOUT_ALIGN);
    plan->grad_bytes = plan->options.training ? params : 0;
    if (!ic_size_mul(params, (size_t)plan->options.slots, &plan->slot_bytes) ||
        !ic_size_add(params, plan->state_bytes, &set) ||
        !ic_size_mul(set, plan->options.average ? 2 : 1, &sum) ||
        !ic_size_add(sum, plan->grad_bytes, &sum) ||
        !ic_size_add(sum, plan->slot_bytes, &sum) ||
        !ic_size_add(sum, plan->activation_bytes, &plan->total_bytes))
        return ic_fail(error, IC_ERR_LIMIT,
                       "the arrays of this network are larger than any memory");
    plan->average_bytes = plan->options.average ? set : 0;
    return IC_OK;
}

ic_status ic_plan_make(const struct ic_graph *graph, const struct ic_backend *backend,
                       struct ic_device *device, const struct ic_plan_options *options,
                       struct ic_plan *ret_plan, struct ic_error *error)
{
    const size_t nodes = (size_t)graph->count;
    struct draft draft = {.graph = graph, .options = options, .plan = ret_plan};
    bool *wanted = calloc(nodes, sizeof *wanted);
    ic_status status;

    memset(ret_plan, 0, sizeof *ret_plan);
    ret_plan->options = *options;
    ret_plan->nodes = calloc(nodes, sizeof *ret_plan->nodes);
    draft.readers = calloc(nodes, sizeof *draft.readers);
    /* A node has an output, a gradient, two workspaces, what it keeps and what it
     * saves; the batch has six buffers. */
    draft.buffers = calloc(nodes * (5 + IC_NODE_SAVED) + 6, sizeof *draft.buffers);
    if (ret_plan->nodes == NULL || draft.readers == NULL || draft.buffers == NULL ||
        wanted == NULL) {
        status = ic_fail(error, IC_ERR_LIMIT, "out of memory for a memory plan");
        goto out;
    }
    status = lay_out(&draft, backend, device, wanted, error);
    if (status == IC_OK)
        status = add_up(ret_plan, graph, error);
out:
    free(wanted);
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
