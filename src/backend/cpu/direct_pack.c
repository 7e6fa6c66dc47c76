/* SPDX-License-Identifier: MIT */
/*
 * Direct convolution: packs its weights as panels. The inner loop reads a row of a
 * panel, 32 out channels, for each float of a window, in the window's order of floats.
 */
#include <string.h>

#include "backend/cpu/correlation.h"
#include "backend/cpu/direct.h"
#include "backend/cpu/typed.h"

/* Source channels that are packed together: few, for enough tasks where a phase has a
 * single tap. */
enum { PART = 128 };

struct packing {
    float *panels; /* panels, length, IC_PANEL */
    const float *weight;
    const struct ic_correlation *correlation;
    const struct ic_conv *conv;
    bool transposed;
    enum ic_type type;
    size_t length; /* floats of a window */
    size_t parts;  /* of a tap's source channels */
};

/* Writes weights [out][floats] as panel rows [floats][IC_PANEL]. Blocks of 16 x 16 use
 * whole cache lines on both sides. */
static void pack_forward(float *panel, const float *weight, size_t stride,
                         size_t floats, size_t channels, enum ic_type type)
{
    enum { BLOCK = 16 };

    for (size_t k = 0; k < floats; k += BLOCK)
        for (size_t j = 0; j < channels; j += BLOCK)
            for (size_t y = j; y < ic_min(j + BLOCK, channels); y++)
                for (size_t x = k; x < ic_min(k + BLOCK, floats); x++)
                    panel[x * IC_PANEL + y] = ic_round(weight[y * stride + x], type);
}

/* Packs a part of one tap of the windows, for one panel. */
static void pack_part(const void *args, size_t index, int thread)
{
    const struct packing *const p = args;
    const struct ic_correlation *const c = p->correlation;
    const size_t columns = (size_t)c->windows.columns;
    const size_t taps = (size_t)c->windows.rows * columns;
    const size_t all = (size_t)c->windows.channels;
    const size_t kernel = (size_t)p->conv->kernel, in = (size_t)p->conv->in_channels;
    const size_t stride = kernel * kernel * in; /* of an out channel of the weights */
    const size_t tap = index / p->parts % taps;
    const size_t source = index % p->parts * PART;
    const size_t first = index / p->parts / taps * IC_PANEL;
    const size_t count = ic_min(PART, all - source);
    const size_t channels = ic_min(IC_PANEL, (size_t)c->out_channels - first);
    const size_t row = (size_t)(c->row + (int)(tap / columns) * c->tap_step);
    const size_t column = (size_t)(c->column + (int)(tap % columns) * c->tap_step);
    const float *const from = p->weight + (row * kernel + column) * in;
    float *const panel =
        p->panels + (first / IC_PANEL * p->length + tap * all + source) * IC_PANEL;

    if (channels < IC_PANEL)
        memset(panel, 0, count * IC_PANEL * sizeof *panel);
    if (!p->transposed)
        pack_forward(panel, from + first * stride + source, stride, count, channels,
                     p->type);
    else
        for (size_t s = 0; s < count; s++)
            ic_typed_round(panel + s * IC_PANEL, from + (source + s) * stride + first,
                           channels, p->type);
}

void ic_direct_pack(struct ic_device *device, float *panels, const float *weight,
                    const struct ic_correlation *correlation,
                    const struct ic_conv *conv, bool transposed, enum ic_type type)
{
    const struct ic_windows *const windows = &correlation->windows;
    const struct packing p = {
        .panels = panels,
        .weight = weight,
        .correlation = correlation,
        .conv = conv,
        .transposed = transposed,
        .type = type,
        .length = ic_windows_length(windows),
        .parts = ic_parts((size_t)windows->channels, PART),
    };
    const size_t taps = (size_t)windows->rows * (size_t)windows->columns;

    ic_cpu_run(device,
               ic_parts((size_t)correlation->out_channels, IC_PANEL) * taps * p.parts,
               pack_part, &p);
}
