/* SPDX-License-Identifier: MIT */
/*
 * The two sets of parameters and states: the weights, and their exponential moving
 * average. See net.h.
 */
#include <assert.h>

#include "graph/net_state.h"

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
