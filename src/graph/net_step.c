/* SPDX-License-Identifier: MIT */
/*
 * A step of several micro-batches: how far it has come, and how the results of the
 * micro-batches are combined. Gradients are added in the order that tree.h says.
 * Statistics of batch norms are kept until the end and then move the running statistics
 * in the order of the micro-batches: so these, too, are the same no matter which rank
 * computes which micro-batch. The messages between ranks are in net_ranks.c.
 */
#include <assert.h>

#include "graph/net_state.h"

/* --- batch statistics ------------------------------------------------------------- */

static double *statistics_of(const struct ic_net *net, int micro_batch)
{
    return net->statistics + (size_t)micro_batch * ic_plan_statistics(net->graph);
}

double *ic_net_statistics(const struct ic_net *net)
{
    return statistics_of(net, net->in_step ? net->tree.next : 0);
}

/* The first state that training moves: the states of frozen nodes stay. */
static size_t first_moving(const struct ic_net *net)
{
    const struct ic_graph *graph = net->graph;

    for (int i = net->first_learning; i < graph->count; i++)
        if (graph->nodes[i].state_count > 0)
            return graph->states[graph->nodes[i].states[0]].offset;
    return graph->state_floats;
}

/* Moves the running statistics towards those of the first `count` micro-batches. */
static void move_states(struct ic_net *net, int count)
{
    const size_t first = first_moving(net);

    for (int k = 0; k < count; k++)
        net->backend->batchnorm_move(net->device, net->states[IC_NET_WEIGHTS] + first,
                                     statistics_of(net, k) + first, IC_STATE_MOMENTUM,
                                     net->graph->state_floats - first);
}

void ic_net_end_forward(struct ic_net *net)
{
    if (!net->in_step)
        move_states(net, 1);
}

/* --- gradients -------------------------------------------------------------------- */

static float *block_at(const struct ic_net *net, int block)
{
    return net->grads + (size_t)block * (net->plan.param_bytes / sizeof(float));
}

float *ic_net_begin_gradients(struct ic_net *net)
{
    assert(net->plan.options.training);
    if (!net->in_step)
        net->tree = ic_tree_begin(0, 1);
    return block_at(net, ic_tree_add_leaf(&net->tree));
}

void ic_net_end_gradients(struct ic_net *net)
{
    int block;

    while (ic_tree_join(&net->tree, &block))
        net->backend->add(net->device, block_at(net, block), block_at(net, block + 1),
                          net->graph->param_floats);
    if (net->in_step)
        net->random.first += net->count;
}

/* --- the step --------------------------------------------------------------------- */

void ic_net_begin_step(struct ic_net *net, int pictures)
{
    const struct ic_plan_options *options = &net->plan.options;
    const int batch = options->batch;
    const int most = options->step > 0 ? options->step : batch;
    const int micro_batches = (pictures - 1) / batch + 1;

    assert(!net->in_step && pictures >= 1 && pictures <= most);
    assert(net->comm == NULL || micro_batches == net->exchange.leaves);
    net->in_step = true;
    net->whole = pictures;
    net->random.first = (int)ic_plan_own_pictures(options, pictures).first;
    net->tree = ic_tree_begin((int)ic_plan_own_micro_batches(options, pictures).first,
                              micro_batches);
}

ic_status ic_net_end_step(struct ic_net *net, struct ic_error *error)
{
    ic_status status = IC_OK;

    assert(net->in_step &&
           (size_t)net->random.first ==
               ic_plan_own_pictures(&net->plan.options, net->whole).end);
    if (net->comm != NULL)
        status = ic_net_exchange(net, error);
    else
        assert(net->tree.count == 1);
    move_states(net, net->tree.leaves);
    net->in_step = false;
    return status;
}
