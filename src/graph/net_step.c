/*
 * A step of several micro-batches: which pictures it is at, and where the gradients of
 * each micro-batch go and when they are added. The order of the sums is tree.h's.
 */
#include <assert.h>

#include "graph/net_state.h"

void ic_net_begin_step(struct ic_net *net, int pictures)
{
    const int batch = net->plan.options.batch;
    const int most = net->plan.options.step > 0 ? net->plan.options.step : batch;

    assert(!net->in_step && pictures >= 1 && pictures <= most);
    net->in_step = true;
    net->whole = pictures;
    net->draw.first = 0;
    net->tree = ic_tree_begin(0, (pictures - 1) / batch + 1);
}

void ic_net_end_step(struct ic_net *net)
{
    assert(net->in_step && net->draw.first == net->whole && net->tree.count == 1);
    net->in_step = false;
}

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
        net->draw.first += net->count;
}
