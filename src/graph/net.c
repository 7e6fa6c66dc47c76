/*
 * Runs a graph: forward is a loop up its nodes, backward a loop down.
 *
 * All memory is one block of the device, cut as the plan says: parameters and states,
 * their average, gradients, optimiser slots, then what shares memory by lifetime.
 */
#include "graph/net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"

struct ic_net {
    const struct ic_graph *graph;
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_plan plan;
    int count;  /* pictures in the current batch */
    int whole;  /* and in that which it is a part of: see ic_net_set_part */
    bool mixed; /* by ic_net_input_mixed */
    int start;  /* the node that its forward pass begins with */
    struct ic_freeze freeze;
    int first_learning; /* the node above those that rest; 1 when nothing is frozen */
    struct ic_draw draw;
    char *memory;               /* the block */
    enum ic_net_set set;        /* the one that passes take */
    float *params[IC_NET_SETS]; /* NULL: the plan has no average */
    float *states[IC_NET_SETS]; /* the same */
    float *grads, *slots;
    char *activations;
};

/* Hands out the block in the order of the file's head. */
static void cut_memory(struct ic_net *net)
{
    const struct ic_plan *plan = &net->plan;
    char *next = net->memory;

    for (int set = 0; set < (plan->options.average ? IC_NET_SETS : 1); set++) {
        net->params[set] = (float *)next;
        net->states[set] = (float *)(next + plan->param_bytes);
        next += plan->param_bytes + plan->state_bytes;
    }
    net->grads = (float *)next;
    net->slots = (float *)(next + plan->grad_bytes);
    net->activations = next + plan->grad_bytes + plan->slot_bytes;
}

ic_status ic_net_open(const struct ic_graph *graph, const struct ic_backend *backend,
                      struct ic_device *device, const struct ic_plan_options *options,
                      struct ic_net **ret_net, struct ic_error *error)
{
    struct ic_net *net = calloc(1, sizeof *net);
    void *memory = NULL;
    ic_status status;

    *ret_net = NULL;
    if (net == NULL)
        return ic_fail_memory(error, "a network", sizeof *net);
    net->graph = graph;
    net->backend = backend;
    net->device = device;
    status = ic_plan_make(graph, backend, device, options, &net->plan, error);
    if (status == IC_OK)
        status = ic_plan_check(&net->plan, graph, backend, device, error);
    if (status == IC_OK)
        status = backend->alloc(device, net->plan.total_bytes, &memory, error);
    if (status != IC_OK) {
        ic_net_close(net);
        return status;
    }
    net->memory = memory;
    cut_memory(net);
    net->first_learning = 1;
    *ret_net = net;
    return IC_OK;
}

void ic_net_close(struct ic_net *net)
{
    if (net == NULL)
        return;
    net->backend->release(net->device, net->memory);
    ic_plan_free(&net->plan);
    free(net);
}

const struct ic_graph *ic_net_graph(const struct ic_net *net)
{
    return net->graph;
}

const struct ic_plan *ic_net_plan(const struct ic_net *net)
{
    return &net->plan;
}

const struct ic_backend *ic_net_backend(const struct ic_net *net)
{
    return net->backend;
}

struct ic_device *ic_net_device(const struct ic_net *net)
{
    return net->device;
}

/* The memory of a buffer of the plan; NULL when it has none. */
static void *at(const struct ic_net *net, size_t offset)
{
    return offset == IC_NO_BUFFER ? NULL : net->activations + offset;
}

static size_t sample_floats(struct ic_shape shape)
{
    return (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
}

/* --- a step ------------------------------------------------------------------------
 */

/* A new batch: whole, and not mixed, so far. */
static void begin_batch(struct ic_net *net, int count, int start)
{
    assert(count >= 1 && count <= net->plan.options.batch);
    net->start = start;
    net->count = net->whole = count;
    net->draw.first = 0;
    net->mixed = false;
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
    net->backend->upload(net->device, at(net, net->plan.rgb), rgb, 3 * pixels);
    net->backend->normalize(net->device, at(net, net->plan.nodes[0].out),
                            at(net, net->plan.rgb), mean, std, pixels);
}

void ic_net_input_mixed(struct ic_net *net, const uint8_t *rgb,
                        const struct ic_mix *mix, int count, const float mean[3],
                        const float std[3])
{
    const struct ic_backend *const backend = net->backend;
    const size_t pixels = picture_pixels(net), n = (size_t)count;
    uint8_t *const other = at(net, net->plan.other_rgb);

    assert(net->plan.options.mixing);
    begin_batch(net, count, 1);
    net->mixed = true;
    backend->upload(net->device, at(net, net->plan.rgb), rgb, 3 * n * pixels);
    for (size_t i = 0; i < n; i++)
        backend->upload(net->device, other + 3 * i * pixels, mix->rgb[i], 3 * pixels);
    backend->upload(net->device, at(net, net->plan.other_labels), mix->labels,
                    n * sizeof *mix->labels);
    backend->upload(net->device, at(net, net->plan.share), mix->share,
                    n * sizeof *mix->share);
    backend->normalize_mixed(net->device, at(net, net->plan.nodes[0].out),
                             at(net, net->plan.rgb), other, at(net, net->plan.share),
                             mean, std, count, pixels);
}

void ic_net_input_floats(struct ic_net *net, const float *pixels, int count)
{
    const size_t floats = sample_floats(net->graph->nodes[0].out);

    begin_batch(net, count, 1);
    net->backend->upload(net->device, at(net, net->plan.nodes[0].out), pixels,
                         (size_t)count * floats * sizeof *pixels);
}

/* What both passes of a node have in common. */
static struct ic_call prepare(const struct ic_net *net, int i)
{
    const struct ic_node *node = &net->graph->nodes[i];
    const struct ic_plan_node *p = &net->plan.nodes[i];
    struct ic_call call = {
        .backend = net->backend,
        .device = net->device,
        .node = node,
        .batch = net->count,
        .draw = net->draw,
        .y = at(net, p->out),
        .workspace = at(net, p->workspace),
    };

    for (int k = 0; k < node->input_count; k++) {
        call.in[k] = net->graph->nodes[node->inputs[k]].out;
        call.x[k] = at(net, net->plan.nodes[node->inputs[k]].out);
    }
    for (int k = 0; k < node->param_count; k++)
        call.params[k] =
            net->params[net->set] + net->graph->params[node->params[k]].offset;
    for (int k = 0; k < node->state_count; k++)
        call.states[k] =
            net->states[net->set] + net->graph->states[node->states[k]].offset;
    for (int k = 0; k < node->saved_count; k++)
        call.saved[k] = at(net, p->saved[k]);
    return call;
}

void ic_net_set_draw(struct ic_net *net, uint64_t seed, uint32_t step)
{
    net->draw.seed = seed;
    net->draw.step = step;
}

void ic_net_set_part(struct ic_net *net, int first, int whole)
{
    assert(first >= 0 && first <= whole - net->count);
    net->draw.first = first;
    net->whole = whole;
}

static void forward_nodes(struct ic_net *net, int first, int end, bool training)
{
    for (int i = first; i < end; i++) {
        struct ic_call call = prepare(net, i);

        call.training = training && i >= net->first_learning;
        call.node->op->forward(&call);
    }
}

void ic_net_forward(struct ic_net *net, bool training)
{
    assert(net->count > 0 && (net->plan.options.training || !training));
    assert(net->set == IC_NET_WEIGHTS || !training);
    forward_nodes(net, net->start, net->graph->count, training);
}

void ic_net_loss(struct ic_net *net, const int32_t *labels, float smoothing,
                 bool gradient, float *losses)
{
    const int top = net->graph->count - 1;
    const struct ic_cross_entropy shape = {
        .batch = net->count,
        .classes = (int)sample_floats(net->graph->nodes[top].out),
        .smoothing = smoothing,
        .whole = net->whole,
    };
    float *dlogits = gradient ? at(net, net->plan.nodes[top].dout) : NULL;
    const size_t count = (size_t)net->count;

    assert(!gradient || dlogits);
    net->backend->upload(net->device, at(net, net->plan.labels), labels,
                         count * sizeof *labels);
    net->backend->cross_entropy(net->device, at(net, net->plan.losses), dlogits,
                                at(net, net->plan.nodes[top].out),
                                at(net, net->plan.labels),
                                net->mixed ? at(net, net->plan.other_labels) : NULL,
                                net->mixed ? at(net, net->plan.share) : NULL, &shape);
    if (losses)
        net->backend->download(net->device, losses, at(net, net->plan.losses),
                               count * sizeof *losses);
}

/* Whether a parameter of the node learns. */
static bool learns(const struct ic_net *net, const struct ic_node *node)
{
    for (int k = 0; k < node->param_count; k++)
        if (!ic_array_rests(&net->graph->params[node->params[k]], net->freeze))
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
    net->backend->fill(net->device, net->grads, 0, net->graph->param_floats);
}

void ic_net_backward(struct ic_net *net)
{
    assert(net->plan.options.training);
    for (int i = net->graph->count - 1; i >= net->first_learning; i--) {
        const struct ic_node *node = &net->graph->nodes[i];
        const struct ic_plan_node *p = &net->plan.nodes[i];
        struct ic_call call;

        if (p->dout == IC_NO_BUFFER)
            continue;
        call = prepare(net, i);
        call.dy = at(net, p->dout);
        call.workspace = at(net, p->backward_workspace);
        call.add_params = net->draw.first > 0;
        for (int k = 0; k < node->input_count; k++) {
            if (p->wants_dx[k] && node->inputs[k] >= net->first_learning)
                call.dx[k] = at(net, net->plan.nodes[node->inputs[k]].dout);
            call.accumulate[k] = p->accumulate[k];
        }
        for (int k = 0; k < node->param_count; k++) {
            const struct ic_array *array = &net->graph->params[node->params[k]];

            if (!ic_array_rests(array, net->freeze))
                call.dparams[k] = net->grads + array->offset;
        }
        node->op->backward(&call);
    }
}

void ic_net_select(struct ic_net *net, enum ic_net_set set)
{
    assert(net->params[set] != NULL);
    net->set = set;
}

void ic_net_average(struct ic_net *net, double decay)
{
    const float share = (float)(1 - decay);

    assert(net->plan.options.average);
    net->backend->average(net->device, net->params[IC_NET_AVERAGE],
                          net->params[IC_NET_WEIGHTS], share, net->graph->param_floats);
    net->backend->average(net->device, net->states[IC_NET_AVERAGE],
                          net->states[IC_NET_WEIGHTS], share, net->graph->state_floats);
}

void ic_net_logits(struct ic_net *net, float *logits)
{
    const int top = net->graph->count - 1;
    const size_t floats = sample_floats(net->graph->nodes[top].out);

    net->backend->download(net->device, logits, at(net, net->plan.nodes[top].out),
                           (size_t)net->count * floats * sizeof *logits);
}

/* --- features ----------------------------------------------------------------------
 */

size_t ic_net_feature_floats(const struct ic_net *net)
{
    return sample_floats(net->graph->nodes[net->first_learning - 1].out);
}

void ic_net_features(struct ic_net *net, float *features)
{
    assert(net->start == 1);
    forward_nodes(net, 1, net->first_learning, false);
    net->backend->download(
        net->device, features, at(net, net->plan.nodes[net->first_learning - 1].out),
        (size_t)net->count * ic_net_feature_floats(net) * sizeof *features);
}

void ic_net_input_features(struct ic_net *net, const float *features, int count)
{
    begin_batch(net, count, net->first_learning);
    net->backend->upload(net->device, at(net, net->plan.nodes[net->start - 1].out),
                         features,
                         (size_t)count * ic_net_feature_floats(net) * sizeof *features);
}

/* --- blocks of device memory -------------------------------------------------------
 */

float *ic_net_params(struct ic_net *net)
{
    return net->params[net->set];
}

float *ic_net_grads(struct ic_net *net)
{
    assert(net->plan.options.training);
    return net->grads;
}

float *ic_net_states(struct ic_net *net)
{
    return net->states[net->set];
}

float *ic_net_slot(struct ic_net *net, int i)
{
    assert(i >= 0 && i < net->plan.options.slots);
    return net->slots + (size_t)i * (net->plan.param_bytes / sizeof(float));
}

const float *ic_net_output(const struct ic_net *net, int node)
{
    return at(net, net->plan.nodes[node].out);
}

const float *ic_net_output_gradient(const struct ic_net *net, int node)
{
    return at(net, net->plan.nodes[node].dout);
}
