/* SPDX-License-Identifier: MIT */
/*
 * The memory of a network: one block of the device, cut as the plan says: parameters
 * and states, their average, gradients, the micro-batches' statistics, optimiser slots,
 * packed weights, then the buffers that share memory by lifetime. A net beside another
 * one has only these buffers.
 */
#include <assert.h>
#include <stdlib.h>

#include "graph/net_state.h"
#include "graph/op.h"

/* Hands out the block in that order. */
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
    net->statistics = (double *)(next + plan->grad_bytes);
    net->slots = (float *)(next + plan->grad_bytes + plan->statistics_bytes);
    net->packed = (char *)net->slots + plan->slot_bytes;
    if (plan->options.part == IC_PLAN_WHOLE)
        net->activations = net->packed + plan->packed_bytes;
}

/* Takes the weights of another net; the block is for the rest. */
static void share_memory(struct ic_net *net, const struct ic_net *weights)
{
    net->params[IC_NET_WEIGHTS] = weights->params[IC_NET_WEIGHTS];
    net->states[IC_NET_WEIGHTS] = weights->states[IC_NET_WEIGHTS];
    net->packed = weights->packed;
    net->activations = net->memory;
}

static bool packs_nothing(const struct ic_graph *graph)
{
    for (int i = 1; i < graph->count; i++)
        if (graph->nodes[i].op->pack != NULL)
            return false;
    return true;
}

/* Opens a net whose block is not cut yet. */
static ic_status open_net(const struct ic_graph *graph,
                          const struct ic_backend *backend, struct ic_device *device,
                          const struct ic_plan_options *options,
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
        status = backend->alloc(device, net->plan.own_bytes, &memory, error);
    if (status != IC_OK) {
        ic_net_close(net);
        return status;
    }
    net->memory = memory;
    net->first_learning = 1;
    *ret_net = net;
    return IC_OK;
}

ic_status ic_net_open(const struct ic_graph *graph, const struct ic_backend *backend,
                      struct ic_device *device, const struct ic_plan_options *options,
                      struct ic_net **ret_net, struct ic_error *error)
{
    ic_status status;

    assert(options->part != IC_PLAN_WORK);
    status = open_net(graph, backend, device, options, ret_net, error);
    if (status == IC_OK) {
        cut_memory(*ret_net);
        (*ret_net)->packed_ready = packs_nothing(graph);
    }
    return status;
}

ic_status ic_net_open_beside(const struct ic_net *weights, struct ic_device *device,
                             struct ic_net **ret_net, struct ic_error *error)
{
    struct ic_plan_options options = weights->plan.options;
    ic_status status;

    assert(options.part == IC_PLAN_WEIGHTS && weights->packed_ready);
    options.part = IC_PLAN_WORK;
    status =
        open_net(weights->graph, weights->backend, device, &options, ret_net, error);
    if (status == IC_OK) {
        share_memory(*ret_net, weights);
        (*ret_net)->packed_ready = true;
    }
    return status;
}

void ic_net_close(struct ic_net *net)
{
    if (net == NULL)
        return;
    ic_net_leave(net);
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

/* --- blocks of device memory ------------------------------------------------------ */

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

const void *ic_net_output(const struct ic_net *net, int node)
{
    return ic_net_at(net, net->plan.nodes[node].out);
}

const void *ic_net_output_gradient(const struct ic_net *net, int node)
{
    return ic_net_at(net, net->plan.nodes[node].dout);
}
