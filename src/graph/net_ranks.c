/* SPDX-License-Identifier: MIT */
/*
 * The messages between ranks that share the steps of a net. Gradients are added along
 * the tree (exchange.h); statistics of batch norms are gathered, one piece per
 * micro-batch; weights come from rank 0.
 *
 * Ranks exchange host memory. Where a device has memory of its own, gradients and
 * statistics are copied to a block on the host and back, and gradients are added there
 * by a plain loop: a sum of two floats has the same bits on every device.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "graph/net_state.h"
#include "graph/pack.h"

/* Bytes of a piece of weights on its way through the host. */
enum { PIECE = 4 << 20 };

static bool on_host(const struct ic_net *net)
{
    return net->backend->host_memory;
}

/* --- joining ---------------------------------------------------------------------- */

static void add_by_backend(void *context, float *sum, const float *x, size_t count)
{
    const struct ic_net *net = context;

    net->backend->add(net->device, sum, x, count);
}

static void add_plainly(void *context, float *sum, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

ic_status ic_net_join(struct ic_net *net, struct ic_comm *comm, struct ic_error *error)
{
    const struct ic_plan *plan = &net->plan;
    const size_t bytes = plan->grad_bytes + plan->statistics_bytes;
    ic_status status;

    assert(plan->options.training && net->comm == NULL);
    if (ic_comm_size(comm) == 1)
        return IC_OK;
    if (net->backend->download_rounds)
        return ic_fail(error, IC_ERR_USAGE,
                       "the device %s computes in double, and processes exchange "
                       "floats: leave out --distributed",
                       net->backend->name);
    assert(plan->options.rank == ic_comm_rank(comm) &&
           plan->options.ranks == ic_comm_size(comm));
    if (!on_host(net) && (net->host = ic_memory_alloc(bytes)) == NULL)
        return ic_fail_memory(error, "the gradients on the host", bytes);
    status =
        ic_exchange_open(&net->exchange, comm, ic_plan_micro_batches(&plan->options),
                         net->graph->param_floats,
                         on_host(net) ? add_by_backend : add_plainly, net, error);
    if (status == IC_OK)
        net->comm = comm;
    return status;
}

void ic_net_leave(struct ic_net *net)
{
    if (net->comm != NULL)
        ic_exchange_close(&net->exchange);
    net->comm = NULL;
    free(net->host);
    net->host = NULL;
}

/* --- a step ----------------------------------------------------------------------- */

/* Adds the sums that the tree has left on this rank to those of all other ranks; the
 * first block gets the result. */
static ic_status exchange_gradients(struct ic_net *net, struct ic_error *error)
{
    const size_t block = net->plan.param_bytes, stride = block / sizeof(float);
    const bool frozen = net->freeze.groups > 0;
    float *const sums = on_host(net) ? net->grads : (float *)net->host;
    size_t floats = net->graph->param_floats;
    ic_status status;

    if (!on_host(net))
        net->backend->download(net->device, sums, net->grads,
                               (size_t)net->tree.count * block);
    for (int i = 0; i < net->tree.count && frozen; i++)
        floats = ic_gradients_pack(net->graph, net->freeze, sums + (size_t)i * stride);
    status = ic_exchange_step(&net->exchange, sums, stride, floats, error);
    for (int i = 0; i < net->tree.count && frozen; i++)
        ic_gradients_unpack(net->graph, net->freeze, sums + (size_t)i * stride);
    if (!on_host(net))
        net->backend->upload(net->device, net->grads, sums, block);
    return status;
}

static ic_status exchange_statistics(struct ic_net *net, struct ic_error *error)
{
    const size_t piece = ic_plan_statistics(net->graph) * sizeof(double);
    const size_t bytes = (size_t)net->tree.leaves * piece;
    const struct ic_stretch own =
        ic_plan_own_micro_batches(&net->plan.options, net->whole);
    char *all = (char *)net->statistics;
    ic_status status;

    if (!on_host(net)) {
        all = net->host + net->plan.grad_bytes;
        net->backend->download(net->device, all + own.first * piece,
                               (char *)net->statistics + own.first * piece,
                               (own.end - own.first) * piece);
    }
    status = ic_comm_gather(net->comm, all, bytes, piece, error);
    if (!on_host(net))
        net->backend->upload(net->device, net->statistics, all, bytes);
    return status;
}

ic_status ic_net_exchange(struct ic_net *net, struct ic_error *error)
{
    const ic_status status = exchange_gradients(net, error);

    return status == IC_OK ? exchange_statistics(net, error) : status;
}

/* --- weights ---------------------------------------------------------------------- */

/* Broadcasts a block of device memory, piece by piece through `host`, or, where that is
 * NULL, in place. */
static ic_status broadcast_block(struct ic_net *net, void *block, size_t bytes,
                                 char *host, struct ic_error *error)
{
    const bool first = ic_comm_rank(net->comm) == 0;
    ic_status status = IC_OK;

    for (size_t at = 0; at < bytes && status == IC_OK; at += PIECE) {
        const size_t piece = bytes - at < PIECE ? bytes - at : PIECE;
        char *const memory = (char *)block + at;

        if (host != NULL && first)
            net->backend->download(net->device, host, memory, piece);
        status =
            ic_comm_broadcast(net->comm, host != NULL ? host : memory, piece, error);
        if (host != NULL && !first)
            net->backend->upload(net->device, memory, host, piece);
    }
    return status;
}

ic_status ic_net_broadcast(struct ic_net *net, struct ic_error *error)
{
    const struct ic_plan *plan = &net->plan;
    const int sets = plan->options.average ? IC_NET_SETS : 1;
    char *host = NULL;
    ic_status status = IC_OK;

    if (net->comm == NULL)
        return IC_OK;
    if (!on_host(net) && (host = malloc(PIECE)) == NULL)
        status = ic_fail_memory(error, "weights on the host", PIECE);
    status = ic_comm_agree(net->comm, status, NULL, error);
    for (int set = 0; set < sets && status == IC_OK; set++) {
        status = broadcast_block(net, net->params[set], plan->param_bytes, host, error);
        if (status == IC_OK)
            status =
                broadcast_block(net, net->states[set], plan->state_bytes, host, error);
    }
    if (status == IC_OK)
        status = broadcast_block(net, net->slots, plan->slot_bytes, host, error);
    free(host);
    return status;
}
