/* SPDX-License-Identifier: MIT */
/*
 * The geometry of the two correlations that a convolution consists of.
 */
#include "backend/cpu/correlation.h"

#include "backend/bf16.h"

struct ic_correlation ic_correlation_forward(const struct ic_conv *conv, void *y,
                                             const void *x)
{
    return (struct ic_correlation){
        .windows = {.source = x,
                    .type = conv->type,
                    .height = conv->in_height,
                    .width = conv->in_width,
                    .channels = conv->in_channels,
                    .grid_height = conv->out_height,
                    .grid_width = conv->out_width,
                    .step = conv->stride,
                    .top = -conv->pad,
                    .left = -conv->pad,
                    .rows = conv->kernel,
                    .columns = conv->kernel},
        .batch = conv->batch,
        .out = y,
        .type = conv->type,
        .out_height = conv->out_height,
        .out_width = conv->out_width,
        .out_channels = conv->out_channels,
        .step = 1,
        .tap_step = 1,
    };
}

/* One direction (rows or columns) of a phase: its pixels and its taps. */
struct direction {
    int pixels; /* of the input in this phase */
    int taps;   /* of the kernel */
    int last;   /* the highest tap: they are last, last - stride, ... */
    int start;  /* output pixel that meets `last` at the phase's first input pixel */
};

static struct direction direction_of(const struct ic_conv *conv, int size,
                                     int remainder)
{
    const int lowest = (remainder + conv->pad) % conv->stride;
    struct direction d = {.pixels =
                              (size - remainder + conv->stride - 1) / conv->stride};

    if (lowest >= conv->kernel)
        return d;
    d.taps = (conv->kernel - 1 - lowest) / conv->stride + 1;
    d.last = lowest + (d.taps - 1) * conv->stride;
    d.start = (remainder + conv->pad - d.last) / conv->stride;
    return d;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

int ic_correlation_phases(const struct ic_conv *conv)
{
    return smaller(conv->stride, conv->in_height) *
           smaller(conv->stride, conv->in_width);
}

struct ic_correlation ic_correlation_phase(const struct ic_conv *conv, int phase,
                                           void *dx, const void *dy, bool accumulate)
{
    const int top = phase / smaller(conv->stride, conv->in_width);
    const int left = phase % smaller(conv->stride, conv->in_width);
    const struct direction rows = direction_of(conv, conv->in_height, top);
    const struct direction columns = direction_of(conv, conv->in_width, left);

    return (struct ic_correlation){
        .windows = {.source = dy,
                    .type = conv->type,
                    .height = conv->out_height,
                    .width = conv->out_width,
                    .channels = conv->out_channels,
                    .grid_height = rows.pixels,
                    .grid_width = columns.pixels,
                    .step = 1,
                    .top = rows.start,
                    .left = columns.start,
                    .rows = rows.taps,
                    .columns = columns.taps},
        .batch = conv->batch,
        .out = dx,
        .type = conv->type,
        .out_height = conv->in_height,
        .out_width = conv->in_width,
        .out_channels = conv->in_channels,
        .step = conv->stride,
        .top = top,
        .left = left,
        .accumulate = accumulate,
        .row = rows.last,
        .column = columns.last,
        .tap_step = -conv->stride,
    };
}

size_t ic_correlation_lines(const struct ic_correlation *c)
{
    return (size_t)c->batch * (size_t)c->windows.grid_height;
}

size_t ic_correlation_points(const struct ic_correlation *c)
{
    return ic_correlation_lines(c) * (size_t)c->windows.grid_width;
}

void *ic_correlation_pixel(const struct ic_correlation *c, size_t point)
{
    const size_t width = (size_t)c->windows.grid_width;
    const size_t height = (size_t)c->windows.grid_height;
    const size_t n = point / (width * height);
    const size_t y = point / width % height * (size_t)c->step + (size_t)c->top;
    const size_t x = point % width * (size_t)c->step + (size_t)c->left;
    const size_t line = n * (size_t)c->out_height + y;

    return ic_element(
        c->out, (line * (size_t)c->out_width + x) * (size_t)c->out_channels, c->type);
}
