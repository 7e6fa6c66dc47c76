/* SPDX-License-Identifier: MIT */
/*
 * Adds up the weight gradients of the parts that a convolution's work was cut into. See
 * partial_weight.h. A task is a stretch of one panel, and adds it over all parts in
 * their order: so the sum does not depend on the number of threads.
 */
#include "backend/cpu/partial_weight.h"

#include <string.h>

enum { SUM_PART = 64 /* k of a task */ };

struct sum {
    struct ic_partial_weights partial;
    float *dweight;
};

size_t ic_partial_weight_floats(const struct ic_partial_weights *partial)
{
    return ic_parts(partial->out_channels, IC_PANEL) * partial->length * IC_PANEL;
}

/* Adds up SUM_PART floats k of a panel's out channels in the panel's order, then writes
 * them as dweight[out][k]. */
static IC_TARGET_CLONES void sum_panel(const void *args, size_t index, int thread)
{
    const struct sum *const s = args;
    const size_t length = s->partial.length;
    const size_t pieces = ic_parts(length, SUM_PART);
    const size_t first = index % pieces * SUM_PART;
    const size_t count = ic_min(SUM_PART, length - first);
    const size_t channel = index / pieces * IC_PANEL;
    const size_t channels = ic_min(IC_PANEL, s->partial.out_channels - channel);
    const size_t stride = ic_partial_weight_floats(&s->partial);
    const float *from = s->partial.sums + (channel * length + first * IC_PANEL);
    float sum[SUM_PART * IC_PANEL];

    memcpy(sum, from, count * IC_PANEL * sizeof *sum);
    for (size_t part = 1; part < s->partial.parts; part++) {
        from += stride;
        for (size_t i = 0; i < count * IC_PANEL; i++)
            sum[i] += from[i];
    }
    for (size_t j = 0; j < channels; j++) {
        float *const out = s->dweight + (channel + j) * length + first;

        for (size_t k = 0; k < count; k++)
            out[k] = sum[k * IC_PANEL + j] + 0.0f; /* no -0 */
    }
}

void ic_partial_weights_add(struct ic_device *device, float *dweight,
                            const struct ic_partial_weights *partial)
{
    const struct sum s = {.partial = *partial, .dweight = dweight};
    const size_t panels = ic_parts(partial->out_channels, IC_PANEL);

    ic_cpu_run(device, panels * ic_parts(partial->length, SUM_PART), sum_panel, &s);
}
