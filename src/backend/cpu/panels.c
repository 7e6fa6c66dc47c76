/* SPDX-License-Identifier: MIT */
/*
 * Scales weights in panels (kernel.h) by a batch norm that is folded in, for the direct
 * algorithm and Winograd's. See conv.h.
 */
#include "backend/bf16.h"
#include "backend/cpu/conv.h"

struct scaling {
    float *panels;
    const float *scale;
    size_t repeats, length, channels;
    enum ic_type type;
};

static void scale_block(const void *args, size_t index, int thread)
{
    const struct scaling *const s = args;
    const size_t first = index / s->repeats * IC_PANEL;
    const size_t columns = ic_min(IC_PANEL, s->channels - first);
    float *row = s->panels + index * s->length * IC_PANEL;

    for (size_t i = 0; i < s->length; i++, row += IC_PANEL)
        for (size_t c = 0; c < columns; c++)
            row[c] = ic_round(row[c] * s->scale[first + c], s->type);
}

void ic_conv_scale_panels(struct ic_device *device, float *panels, const float *scale,
                          size_t repeats, size_t length, size_t channels,
                          enum ic_type type)
{
    const struct scaling s = {panels, scale, repeats, length, channels, type};

    ic_cpu_run(device, ic_parts(channels, IC_PANEL) * repeats, scale_block, &s);
}
