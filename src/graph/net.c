/* SPDX-License-Identifier: MIT */
/*
 * Runs a graph: forward is a loop up its nodes, backward a loop down. Steps of several
 * micro-batches are in net_step.c, the memory is in net_memory.c.
 */
#include <assert.h>

#include "graph/net_state.h"
#include "graph/op.h"

/* --- the batch -------------------------------------------------------------------- */

/* Begins a batch, not mixed so far. Outside of a step, it is a step of its own. */
static void begin_batch(struct ic_net *net, int count, int start)
{
    assert(count >= 1 && count <= net->plan.options.batch);
    assert(net->plan.options.part != IC_PLAN_WEIGHTS);
    net->start = start;
    net->count = count;
    net->mixed = false;
    if (!net->in_step) {
        net->whole = count;
        net->random.first = 0;
    }
    assert(net->random.first <= net->whole - count);
}

static size_t picture_pixels(const struct ic_net *net)
{
    const struct ic_shape shape = net->graph->nodes[0].out;

    assert(shape.channels == 3);
    return (size_t)shape.height * (size_t)shape.width;
}

void ic_net_input(struct ic_net *net, const uint8_t *rgb, int count,
                  const float mean[3], const float std[3])
{
    const size_t pixels = (size_t)count * picture_pixels(net);

    begin_batch(net, count, 1);
    net->backend->upload(net->device, ic_net_at(net, net->plan.rgb), rgb, 3 * pixels);
    net->backend->normalize(net->device, ic_net_at(net, net->plan.nodes[0].out),
                            ic_net_at(net, net->plan.rgb), mean, std, pixels,
                            net->graph->type);
}

void ic_net_input_mixed(struct ic_net *net, const uint8_t *rgb,
                        const struct ic_mix *mix, int count, const float mean[3],
                        const float std[3])
{
    const struct ic_backend *const backend = net->backend;
    const size_t pixels = picture_pixels(net), n = (size_t)count;
    uint8_t *const other = ic_net_at(net, net->plan.other_rgb);

    assert(net->plan.options.mixing);
    begin_batch(net, count, 1);
    backend->upload(net->device, ic_net_at(net, net->plan.rgb), rgb, 3 * n * pixels);
    for (size_t i = 0; i < n; i++)
        backend->upload(net->device, other + 3 * i * pixels, mix->rgb[i], 3 * pixels);
    ic_net_mix_losses(net, mix->labels, mix->share);
    backend->normalize_mixed(net->device, ic_net_at(net, net->plan.nodes[0].out),
                             ic_net_at(net, net->plan.rgb), other,
                             ic_net_at(net, net->plan.share), mean, std, count, pixels,
                             net->graph->type);
}

void ic_net_input_floats(struct ic_net *net, const float *pixels, int count)
{
    const size_t floats = ic_shape_count(net->graph->nodes[0].out);

    assert(net->graph->type == IC_TYPE_FP32);
    begin_batch(net, count, 1);
    net->backend->upload(net->device, ic_net_at(net, net->plan.nodes[0].out), pixels,
                         (size_t)count * floats * sizeof *pixels);
}

/* The arguments that all passes of a node have in common. */
static struct ic_call call_of(const struct ic_net *net, int i)
{
    const struct ic_node *node = &net->graph->nodes[i];
    const struct ic_plan_node *p = &net->plan.nodes[i];
    struct ic_call call = {
        .backend = net->backend,
        .device = net->device,
        .node = node,
        .in_type = net->graph->nodes[node->inputs[0]].type,
        .batch = net->count,
        .plan_batch = net->plan.options.batch,
        .random = net->random,
        .y = ic_net_at(net, p->out),
        .workspace = ic_net_at(net, p->workspace),
        .packed = p->packed == IC_NO_BUFFER ? NULL : net->packed + p->packed,
    };

    for (int k = 0; k < node->input_count; k++) {
        call.in[k] = net->graph->nodes[node->inputs[k]].out;
        call.x[k] = ic_net_at(net, net->plan.nodes[node->inputs[k]].out);
    }
    for (int k = 0; k < node->param_count; k++)
        call.params[k] =
            net->params[net->set] + net->graph->params[node->params[k]].offset;
    for (int k = 0; k < node->state_count; k++)
        call.states[k] =
            net->states[net->set] + net->graph->states[node->states[k]].offset;
    for (int k = 0; k < node->saved_count; k++)
        call.saved[k] = ic_net_at(net, p->saved[k]);
    return call;
}

void ic_net_set_random(struct ic_net *net, uint64_t seed, uint32_t step)
{
    net->random.seed = seed;
    net->random.step = step;
}

void ic_net_observe(struct ic_net *net, const struct ic_observer *observer)
{
    net->observer = observer;
}

/* Runs one pass of a node, and tells the observer. */
static void run_pass(const struct ic_net *net, void (*kernels)(const struct ic_call *),
                     const struct ic_call *call, enum ic_pass pass)
{
    const int node = (int)(call->node - net->graph->nodes);

    if (net->observer != NULL)
        net->observer->begin(net->observer->context, node, pass);
    kernels(call);
    if (net->observer != NULL)
        net->observer->end(net->observer->context, node, pass);
}

void ic_net_pack_weights(struct ic_net *net)
{
    assert(net->plan.options.part != IC_PLAN_WORK);
    for (int i = 1; i < net->graph->count; i++) {
        const struct ic_call call = call_of(net, i);

        if (call.node->op->pack != NULL)
            call.node->op->pack(&call);
    }
    net->packed_ready = true;
}

static void forward_nodes(struct ic_net *net, int first, int end, bool training)
{
    for (int i = first; i < end; i++) {
        struct ic_call call = call_of(net, i);

        call.training = training && i >= net->first_learning;
        for (int k = 0; k < call.node->state_count && call.training; k++)
            call.statistics[k] = ic_net_statistics(net) +
                                 net->graph->states[call.node->states[k]].offset;
        run_pass(net, call.node->op->forward, &call, IC_PASS_FORWARD);
    }
}

void ic_net_forward(struct ic_net *net, bool training)
{
    assert(net->count > 0 && (net->plan.options.training || !training));
    assert(net->set == IC_NET_WEIGHTS || !training);
    assert(net->packed_ready);
    forward_nodes(net, net->start, net->graph->count, training);
    if (training)
        ic_net_end_forward(net);
}

/* Whether a parameter of the node learns. */
static bool learns(const struct ic_net *net, const struct ic_node *node)
{
    for (int k = 0; k < node->param_count; k++)
        if (!ic_array_frozen(&net->graph->params[node->params[k]], net->freeze))
            return true;
    return false;
}

void ic_net_freeze(struct ic_net *net, struct ic_freeze freeze)
{
    int i = 1;

    assert(net->plan.options.training);
    net->freeze = freeze;
    while (freeze.groups > 0 && i < net->graph->count &&
           !learns(net, &net->graph->nodes[i]))
        i++;
    net->first_learning = i;
    net->backend->fill(net->device, net->grads, 0,
                       net->plan.grad_bytes / sizeof *net->grads);
}

/* The output of node i as backward finds it. */
static void *output_backward(const struct ic_net *net, int i)
{
    const struct ic_plan_node *p = &net->plan.nodes[i];

    return ic_net_at(net,
                     p->out_recomputed != IC_NO_BUFFER ? p->out_recomputed : p->out);
}

/* Whether backward reads input k of node j. Where only the gradient of the weights
 * needs the input, in a pass of its own, backward does not read it while the weights
 * are frozen. */
static bool reads_input(const struct ic_net *net, int j, int k)
{
    const struct ic_node *const node = &net->graph->nodes[j];

    return node->reads_input[k] &&
           (node->op->backward_weight == NULL || learns(net, node));
}

static bool output_is_read(const struct ic_net *net, int i)
{
    if (net->graph->nodes[i].reads_output)
        return true;
    for (int j = i + 1; j < net->graph->count; j++)
        for (int k = 0; k < net->graph->nodes[j].input_count; k++)
            if (net->graph->nodes[j].inputs[k] == i && reads_input(net, j, k))
                return true;
    return false;
}

/* Recomputes the output of node i if that is due at node `at`. */
static void recompute_output(struct ic_net *net, int i, int at)
{
    const struct ic_plan_node *p = &net->plan.nodes[i];
    struct ic_call call;

    if (p->out_recomputed == IC_NO_BUFFER || p->recompute_at != at ||
        !output_is_read(net, i))
        return;
    assert(i >= net->first_learning);
    call = call_of(net, i);
    call.y = output_backward(net, i);
    run_pass(net, call.node->op->recompute, &call, IC_PASS_RECOMPUTE);
}

void ic_net_backward(struct ic_net *net)
{
    float *const grads = ic_net_begin_gradients(net);

    for (int i = net->graph->count - 1; i >= net->first_learning; i--) {
        const struct ic_node *node = &net->graph->nodes[i];
        const struct ic_plan_node *p = &net->plan.nodes[i];
        struct ic_call call;

        if (p->dout == IC_NO_BUFFER)
            continue;
        recompute_output(net, i, i);
        for (int k = 0; k < node->input_count; k++)
            recompute_output(net, node->inputs[k], i);
        call = call_of(net, i);
        call.y = output_backward(net, i);
        for (int k = 0; k < node->input_count; k++)
            call.x[k] = output_backward(net, node->inputs[k]);
        call.dy = ic_net_at(net, p->dout);
        call.workspace = ic_net_at(net, p->backward_workspace);
        for (int k = 0; k < node->input_count; k++) {
            if (p->needs_dx[k] && node->inputs[k] >= net->first_learning)
                call.dx[k] = ic_net_at(net, net->plan.nodes[node->inputs[k]].dout);
            call.accumulate[k] = p->accumulate[k];
        }
        for (int k = 0; k < node->param_count; k++) {
            const struct ic_array *array = &net->graph->params[node->params[k]];

            if (!ic_array_frozen(array, net->freeze))
                call.dparams[k] = grads + array->offset;
        }
        if (node->op->backward_weight != NULL)
            run_pass(net, node->op->backward_weight, &call, IC_PASS_WEIGHT_GRADIENT);
        run_pass(net, node->op->backward, &call, IC_PASS_BACKWARD);
    }
    ic_net_end_gradients(net);
}

void ic_net_logits(struct ic_net *net, float *logits)
{
    const int top = net->graph->count - 1;
    const size_t floats = ic_shape_count(net->graph->nodes[top].out);

    net->backend->download(net->device, logits,
                           ic_net_at(net, net->plan.nodes[top].out),
                           (size_t)net->count * floats * sizeof *logits);
}

/* --- features --------------------------------------------------------------------- */

size_t ic_net_feature_bytes(const struct ic_net *net)
{
    return ic_node_bytes(&net->graph->nodes[net->first_learning - 1]);
}

void ic_net_features(struct ic_net *net, void *features)
{
    assert(net->start == 1);
    forward_nodes(net, 1, net->first_learning, false);
    net->backend->download(net->device, features,
                           ic_net_at(net, net->plan.nodes[net->first_learning - 1].out),
                           (size_t)net->count * ic_net_feature_bytes(net));
}

void ic_net_input_features(struct ic_net *net, const void *features, int count)
{
    begin_batch(net, count, net->first_learning);
    net->backend->upload(net->device,
                         ic_net_at(net, net->plan.nodes[net->start - 1].out), features,
                         (size_t)count * ic_net_feature_bytes(net));
}
