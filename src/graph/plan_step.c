/* SPDX-License-Identifier: MIT */
/*
 * The parts of a training step: its micro-batches, those of one rank, and the blocks
 * that their gradients and statistics take. See plan.h.
 */
#include "base/size.h"
#include "graph/exchange.h"
#include "graph/plan.h"
#include "graph/plan_draft.h"
#include "graph/tree.h"

static int step_of(const struct ic_plan_options *options)
{
    return options->step > 0 ? options->step : options->batch;
}

int ic_plan_micro_batches(const struct ic_plan_options *options)
{
    return options->training ? (step_of(options) - 1) / options->batch + 1 : 0;
}

struct ic_stretch ic_plan_own_micro_batches(const struct ic_plan_options *options,
                                            int pictures)
{
    const int count = (pictures - 1) / options->batch + 1;

    return ic_stretch_of((size_t)count, options->rank,
                         options->ranks > 0 ? options->ranks : 1);
}

struct ic_stretch ic_plan_own_pictures(const struct ic_plan_options *options,
                                       int pictures)
{
    return ic_stretch_of_batches((size_t)pictures, (size_t)options->batch,
                                 options->rank,
                                 options->ranks > 0 ? options->ranks : 1);
}

int ic_plan_gradient_blocks(const struct ic_plan_options *options)
{
    const struct ic_stretch own = ic_plan_own_micro_batches(options, step_of(options));

    return options->training ? ic_tree_blocks((int)own.first, (int)own.end,
                                              ic_plan_micro_batches(options))
                             : 0;
}

size_t ic_plan_exchange(const struct ic_plan *plan, const struct ic_backend *backend)
{
    const struct ic_plan_options *options = &plan->options;
    const size_t chunks = ic_exchange_bytes(ic_plan_micro_batches(options),
                                            plan->param_bytes / sizeof(float),
                                            options->rank, options->ranks);

    return backend->host_memory ? chunks : chunks + plan->grad_bytes;
}

size_t ic_plan_statistics(const struct ic_graph *graph)
{
    return ic_size_align(graph->state_floats * sizeof(double), IC_ALIGNMENT) /
           sizeof(double);
}
