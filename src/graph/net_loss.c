/* SPDX-License-Identifier: MIT */
/*
 * The loss of a network: what mixes it and weighs it, and its gradient. See net.h.
 */
#include <assert.h>

#include "graph/net.h"
#include "graph/net_state.h"

void ic_net_mix_losses(struct ic_net *net, const int32_t *labels, const float *share)
{
    const size_t count = (size_t)net->count;

    assert(net->count > 0 && net->plan.options.mixing);
    net->mixed = true;
    net->backend->upload(net->device, ic_net_at(net, net->plan.other_labels), labels,
                         count * sizeof *labels);
    net->backend->upload(net->device, ic_net_at(net, net->plan.share), share,
                         count * sizeof *share);
}

/* The classes that the last node tells apart. */
static int class_count(const struct ic_net *net)
{
    return (int)ic_shape_count(net->graph->nodes[net->graph->count - 1].out);
}

void ic_net_weigh_classes(struct ic_net *net, const float *weights)
{
    assert(net->plan.options.weighted);
    net->weighted = true;
    net->backend->upload(net->device, ic_net_at(net, net->plan.class_weights), weights,
                         (size_t)class_count(net) * sizeof *weights);
}

void ic_net_loss(struct ic_net *net, const int32_t *labels, float smoothing,
                 bool gradient, float *losses)
{
    const struct ic_plan *const plan = &net->plan;
    const struct ic_plan_node *const top = &plan->nodes[net->graph->count - 1];
    const struct ic_cross_entropy shape = {
        .batch = net->count,
        .classes = class_count(net),
        .smoothing = smoothing,
        .whole = net->whole,
    };
    float *dlogits = gradient ? ic_net_at(net, top->dout) : NULL;
    const size_t count = (size_t)net->count;

    assert(!gradient || dlogits);
    assert(net->weighted || !plan->options.weighted);
    net->backend->upload(net->device, ic_net_at(net, plan->labels), labels,
                         count * sizeof *labels);
    net->backend->cross_entropy(
        net->device, ic_net_at(net, plan->losses), dlogits, ic_net_at(net, top->out),
        ic_net_at(net, plan->labels),
        net->mixed ? ic_net_at(net, plan->other_labels) : NULL,
        net->mixed ? ic_net_at(net, plan->share) : NULL,
        net->weighted ? ic_net_at(net, plan->class_weights) : NULL, &shape);
    if (losses)
        net->backend->download(net->device, losses, ic_net_at(net, plan->losses),
                               count * sizeof *losses);
}
