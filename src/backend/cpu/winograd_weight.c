/* SPDX-License-Identifier: MIT */
/*
 * Transforms the weights of Winograd's convolution: U = G g G^T.
 *
 * The products need U in panels of 32 out channels, and the transforms run along the
 * panel, but in memory a weight's in channels are neighbours. So a task takes a panel's
 * block of in channels, transposes it through a small array that stays in the cache,
 * and transforms it channel by channel.
 */
#include <string.h>

#include "backend/cpu/typed.h"
#include "backend/cpu/winograd.h"

enum { BLOCK = 32 /* in channels */ };

struct weights {
    float *transformed;  /* panel, frequency, in, IC_PANEL */
    const float *weight; /* conv out, taps, conv in */
    const float *scale;  /* of conv out, or NULL */
    enum ic_type type;
    const struct ic_kernels *kernels;
    size_t conv_in;
    size_t in, out, panels, blocks; /* of the correlation */
    bool transposed;
};

/* A panel and a block of in channels. */
struct part {
    size_t panel, first_out, outs, first_in, ins;
};

static struct part part_of(const struct weights *w, size_t index)
{
    struct part p = {.panel = index / w->blocks, .first_in = index % w->blocks * BLOCK};

    p.first_out = p.panel * IC_PANEL;
    p.outs = ic_min(IC_PANEL, w->out - p.first_out);
    p.ins = ic_min(BLOCK, w->in - p.first_in);
    return p;
}

/* The place, in the weights, of the correlation's tap of channels (in, out). Reversed,
 * tap t is tap 8 - t. */
static const float *tap_of(const struct weights *w, size_t tap, size_t in, size_t out)
{
    return w->transposed
               ? w->weight + (in * IC_TILE_TAPS + IC_TILE_TAPS - 1 - tap) * w->conv_in +
                     out
               : w->weight + (out * IC_TILE_TAPS + tap) * w->conv_in + in;
}

/* The places of the frequencies of one in channel of a panel. */
static void frequencies_of(float **at, const struct weights *w, size_t panel, size_t in)
{
    for (size_t f = 0; f < IC_FREQUENCIES; f++)
        at[f] = w->transformed + ((panel * IC_FREQUENCIES + f) * w->in + in) * IC_PANEL;
}

static void transform_part(const void *args, size_t index, int thread)
{
    const struct weights *const w = args;
    const struct part p = part_of(w, index);
    float taps[BLOCK][IC_TILE_TAPS][IC_PANEL] = {{{0}}};
    const float *in[IC_TILE_TAPS];
    float *out[IC_FREQUENCIES];

    for (size_t t = 0; t < IC_TILE_TAPS; t++) {
        if (w->transposed)
            for (size_t i = 0; i < p.ins; i++)
                ic_typed_round(taps[i][t], tap_of(w, t, p.first_in + i, p.first_out),
                               p.outs, w->type);
        else
            for (size_t o = 0; o < p.outs; o++) {
                const float *const from = tap_of(w, t, p.first_in, p.first_out + o);

                for (size_t i = 0; i < p.ins; i++)
                    taps[i][t][o] =
                        ic_round(w->scale != NULL ? from[i] * w->scale[p.first_out + o]
                                                  : from[i],
                                 w->type);
            }
    }
    for (size_t i = 0; i < p.ins; i++) {
        for (size_t t = 0; t < IC_TILE_TAPS; t++)
            in[t] = taps[i][t];
        frequencies_of(out, w, p.panel, p.first_in + i);
        w->kernels->transform[IC_TAPS](
            &(struct ic_transform){.out = out, .in = in, .channels = IC_PANEL});
    }
}

static struct weights weights_of(const struct ic_device *device, float *transformed,
                                 const float *weight, const float *scale,
                                 const struct ic_conv *conv, bool transposed)
{
    const size_t in = (size_t)conv->in_channels, out = (size_t)conv->out_channels;
    struct weights w = {
        .transformed = transformed,
        .weight = weight,
        .scale = scale,
        .type = conv->type,
        .kernels = device->kernels,
        .conv_in = in,
        .in = transposed ? out : in,
        .out = transposed ? in : out,
        .transposed = transposed,
    };

    w.panels = ic_parts(w.out, IC_PANEL);
    w.blocks = ic_parts(w.in, BLOCK);
    return w;
}

void ic_winograd_transform_weight(struct ic_device *device, float *transformed,
                                  const float *weight, const float *scale,
                                  const struct ic_conv *conv, bool transposed)
{
    const struct weights w =
        weights_of(device, transformed, weight, scale, conv, transposed);

    ic_cpu_run(device, w.panels * w.blocks, transform_part, &w);
}
