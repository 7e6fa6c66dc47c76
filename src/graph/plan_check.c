/* SPDX-License-Identifier: MIT */
/*
 * Checks a plan against the device's memory limit, before anything is allocated.
 */
#include "graph/plan.h"

uint64_t ic_plan_needs(const struct ic_plan *plan, const struct ic_backend *backend)
{
    const struct ic_plan_options *options = &plan->options;
    const int step = options->step > options->batch ? options->step : options->batch;
    const struct ic_stretch pictures = ic_plan_own_pictures(options, step);
    /* The file of a resume is as large as all that it fills, and two copies of an array
     * are made on the way; gradients and activations are not touched yet. */
    const uint64_t always = plan->total_bytes - plan->activation_bytes -
                            plan->grad_bytes - plan->statistics_bytes;
    const uint64_t loading = 2 * always + 2 * (uint64_t)plan->largest_bytes;
    /* Weights without room to compute with them are refused. A net beside weights needs
     * only the memory of its work; that of the weights is taken already. */
    uint64_t needs =
        options->part == IC_PLAN_WORK ? plan->own_bytes : plan->total_bytes;

    if (!backend->host_memory)
        return needs;
    if (options->resume && loading > needs)
        needs = loading;
    return needs + plan->exchange_bytes + options->beside +
           (pictures.end - pictures.first) * options->beside_picture;
}

/* Bytes that the device allows this rank. */
static uint64_t limit_of(const struct ic_plan *plan, const struct ic_backend *backend,
                         struct ic_device *device)
{
    const int ranks = plan->options.ranks_here;
    const uint64_t limit = backend->memory_limit(device);

    return backend->host_memory && ranks > 1 ? limit / (uint64_t)ranks : limit;
}

/* The largest batch whose plan fits into `limit` bytes, by bisection; 0 if none is
 * found. The step keeps its pictures, so a smaller batch may need more gradients. */
static int largest_batch(const struct ic_graph *graph, const struct ic_backend *backend,
                         struct ic_device *device, struct ic_plan_options options,
                         uint64_t limit)
{
    int fits = 0, too_large = options.batch;

    while (too_large - fits > 1) {
        struct ic_plan plan;

        options.batch = fits + (too_large - fits) / 2;
        if (ic_plan_make(graph, backend, device, &options, &plan, NULL) == IC_OK &&
            ic_plan_needs(&plan, backend) <= limit)
            fits = options.batch;
        else
            too_large = options.batch;
        ic_plan_free(&plan);
    }
    return fits;
}

ic_status ic_plan_check(const struct ic_plan *plan, const struct ic_graph *graph,
                        const struct ic_backend *backend, struct ic_device *device,
                        struct ic_error *error)
{
    const uint64_t limit = limit_of(plan, backend, device);
    const uint64_t needs = ic_plan_needs(plan, backend);
    const double mib = 1024.0 * 1024.0;
    struct ic_plan_options options = plan->options;
    const char *way;
    int batch;

    if (needs <= limit)
        return IC_OK;
    batch = largest_batch(graph, backend, device, options, limit);
    way = options.training ? ", or train's --micro-batch," : "";
    if (batch == 0 && options.step > 0) { /* does a step of one batch fit? */
        options.step = options.ranks = 0;
        way = "";
        batch = largest_batch(graph, backend, device, options, limit);
    }
    if (batch == 0)
        return ic_fail(
            error, IC_ERR_LIMIT,
            "a batch of %d needs %.0f MiB of memory, the device %s allows %.0f "
            "MiB, and not even a batch of 1 fits: take a smaller size",
            plan->options.batch, (double)needs / mib, backend->name,
            (double)limit / mib);
    return ic_fail(
        error, IC_ERR_LIMIT,
        "a batch of %d needs %.0f MiB of memory, the device %s allows %.0f MiB: "
        "take a batch%s of at most %d, or a smaller size",
        plan->options.batch, (double)needs / mib, backend->name, (double)limit / mib,
        way, batch);
}
