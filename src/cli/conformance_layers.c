/* SPDX-License-Identifier: MIT */
/*
 * Cases of the conformance set: convolution, linear, ReLU, sum, pools and dropout. Each
 * has the gradient of its output, in.dy, and expects those of its inputs.
 */
#include <math.h>

#include "backend/reference/loops.h"
#include "cli/conformance.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- convolution ------------------------------------------------------------------ */

static const struct {
    const char *name;
    int batch, height, width, in, out, kernel, stride, pad;
} convs[] = {
    {"conv2d-1x1", 2, 5, 4, 7, 5, 1, 1, 0},
    {"conv2d-1x1-stride2", 2, 7, 6, 8, 4, 1, 2, 0},
    {"conv2d-3x3", 2, 6, 5, 4, 6, 3, 1, 1},
    {"conv2d-3x3-unpadded", 1, 6, 7, 3, 4, 3, 1, 0},
    {"conv2d-3x3-stride2", 2, 8, 7, 5, 6, 3, 2, 1},
    {"conv2d-3x3-stride3", 1, 10, 8, 2, 3, 3, 3, 2},
    {"conv2d-3x3-one-pixel", 3, 1, 1, 9, 4, 3, 1, 1},
    {"conv2d-3x3-wide", 1, 4, 4, 35, 33, 3, 1, 1},
    {"conv2d-5x5", 1, 7, 9, 3, 2, 5, 1, 2},
    {"conv2d-7x7-stem", 2, 16, 15, 3, 8, 7, 2, 3},
};

static ic_status conv(struct ic_conformance_case *c, size_t i, struct ic_error *error)
{
    struct ic_conv v = {.batch = convs[i].batch,
                        .in_height = convs[i].height,
                        .in_width = convs[i].width,
                        .in_channels = convs[i].in,
                        .out_channels = convs[i].out,
                        .kernel = convs[i].kernel,
                        .stride = convs[i].stride,
                        .pad = convs[i].pad};
    double *x, *weight, *dy, *y, *dx, *dweight;

    v.out_height = (v.in_height + 2 * v.pad - v.kernel) / v.stride + 1;
    v.out_width = (v.in_width + 2 * v.pad - v.kernel) / v.stride + 1;
    {
        const ic_conformance_shape in = {v.batch, v.in_height, v.in_width,
                                         v.in_channels};
        const ic_conformance_shape out = {v.batch, v.out_height, v.out_width,
                                          v.out_channels};
        const ic_conformance_shape taps = {v.out_channels, v.kernel, v.kernel,
                                           v.in_channels};

        ic_conformance_begin(c, convs[i].name, "conv2d");
        ic_conformance_integer(c, "stride", v.stride);
        ic_conformance_integer(c, "padding", v.pad);
        x = ic_conformance_draw(c, "in.x", in);
        weight = ic_conformance_draw(c, "param.weight", taps);
        dy = ic_conformance_draw(c, "in.dy", out);
        y = ic_conformance_array(c, "out.y", out);
        dx = ic_conformance_array(c, "grad.x", in);
        dweight = ic_conformance_array(c, "grad.weight", taps);
    }
    if (ic_conformance_ready(c)) {
        ic_loops_conv2d_forward(&v, (void *)y, (void *)x, (void *)weight);
        ic_loops_conv2d_backward_input(&v, (void *)dx, (void *)dy, (void *)weight,
                                       false);
        ic_loops_conv2d_backward_weight(&v, (void *)dweight, (void *)dy, (void *)x);
    }
    return ic_conformance_end(c, error);
}

/* --- linear ----------------------------------------------------------------------- */

static ic_status linear(struct ic_conformance_case *c, const char *name, bool biased,
                        struct ic_error *error)
{
    const struct ic_linear l = {.batch = 5, .in_features = 13, .out_features = 7};
    const ic_conformance_shape in = {5, 13}, out = {5, 7}, matrix = {7, 13};
    double *x, *weight, *bias = NULL, *dy, *y, *dx, *dweight, *dbias = NULL;

    ic_conformance_begin(c, name, "linear");
    x = ic_conformance_draw(c, "in.x", in);
    weight = ic_conformance_draw(c, "param.weight", matrix);
    if (biased)
        bias = ic_conformance_draw(c, "param.bias", (const ic_conformance_shape){7});
    dy = ic_conformance_draw(c, "in.dy", out);
    y = ic_conformance_array(c, "out.y", out);
    dx = ic_conformance_array(c, "grad.x", in);
    dweight = ic_conformance_array(c, "grad.weight", matrix);
    if (biased)
        dbias = ic_conformance_array(c, "grad.bias", (const ic_conformance_shape){7});
    if (ic_conformance_ready(c)) {
        ic_loops_linear_forward(&l, (void *)y, (void *)x, (void *)weight, bias);
        ic_loops_linear_backward_input(&l, (void *)dx, (void *)dy, (void *)weight,
                                       false);
        ic_loops_linear_backward_weight(&l, (void *)dweight, dbias, (void *)dy,
                                        (void *)x);
    }
    return ic_conformance_end(c, error);
}

/* --- ReLU, sum, dropout ----------------------------------------------------------- */

enum { FEATURES = 6 * 11 };

static const ic_conformance_shape features = {6, 11};

static ic_status relu(struct ic_conformance_case *c, struct ic_error *error)
{
    double *x, *dy, *y, *dx;

    ic_conformance_begin(c, "relu", "relu");
    x = ic_conformance_draw(c, "in.x", features);
    dy = ic_conformance_draw(c, "in.dy", features);
    y = ic_conformance_array(c, "out.y", features);
    dx = ic_conformance_array(c, "grad.x", features);
    if (ic_conformance_ready(c)) {
        ic_loops_relu_forward(FEATURES, y, x);
        ic_loops_relu_backward(FEATURES, dx, dy, y, false);
    }
    return ic_conformance_end(c, error);
}

/* y = a + b, and an input of two layers, whose gradients are added. */
static ic_status add(struct ic_conformance_case *c, struct ic_error *error)
{
    double *a, *b, *y;

    ic_conformance_begin(c, "add", "add");
    a = ic_conformance_draw(c, "in.a", features);
    b = ic_conformance_draw(c, "in.b", features);
    y = ic_conformance_array(c, "out.y", features);
    if (ic_conformance_ready(c)) {
        ic_loops_add(FEATURES, y, a);
        ic_loops_add(FEATURES, y, b);
    }
    return ic_conformance_end(c, error);
}

/* With its random numbers in the file, since an engine draws its own. */
static ic_status dropout(struct ic_conformance_case *c, struct ic_error *error)
{
    const struct ic_dropout d = {
        .count = FEATURES, .rate = 0.25f, .seed = 3, .step = 1};
    double *x, *dy, *u, *y, *dx;
    struct ic_random random;

    ic_conformance_begin(c, "dropout", "dropout");
    ic_conformance_real(c, "rate", d.rate);
    x = ic_conformance_draw(c, "in.x", features);
    dy = ic_conformance_draw(c, "in.dy", features);
    u = ic_conformance_array(c, "in.random", features);
    y = ic_conformance_array(c, "out.y", features);
    dx = ic_conformance_array(c, "grad.x", features);
    if (ic_conformance_ready(c)) {
        ic_random_init(&random, d.seed, IC_RANDOM_DROPOUT, d.step, d.layer);
        for (int i = 0; i < FEATURES; i++)
            u[i] = ic_random_uniform(&random);
        ic_loops_dropout(&d, y, x, false);
        ic_loops_dropout(&d, dx, dy, false);
    }
    return ic_conformance_end(c, error);
}

/* --- pools ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int batch, height, width, channels, kernel, stride, pad;
} pools[] = {
    {"maxpool-3x3-stride2", 2, 9, 8, 5, 3, 2, 1},
    {"maxpool-2x2-stride2", 1, 6, 6, 4, 2, 2, 0},
    {"maxpool-3x3-stride1", 1, 4, 5, 3, 3, 1, 1},
};

static ic_status maxpool(struct ic_conformance_case *c, size_t i,
                         struct ic_error *error)
{
    struct ic_pool p = {.batch = pools[i].batch,
                        .in_height = pools[i].height,
                        .in_width = pools[i].width,
                        .channels = pools[i].channels,
                        .kernel = pools[i].kernel,
                        .stride = pools[i].stride,
                        .pad = pools[i].pad};
    const ic_conformance_shape in = {p.batch, p.in_height, p.in_width, p.channels};
    double *x, *dy, *y, *dx;
    uint8_t *place;

    p.out_height = (p.in_height + 2 * p.pad - p.kernel) / p.stride + 1;
    p.out_width = (p.in_width + 2 * p.pad - p.kernel) / p.stride + 1;
    {
        const ic_conformance_shape out = {p.batch, p.out_height, p.out_width,
                                          p.channels};

        ic_conformance_begin(c, pools[i].name, "maxpool");
        ic_conformance_integer(c, "kernel", p.kernel);
        ic_conformance_integer(c, "stride", p.stride);
        ic_conformance_integer(c, "padding", p.pad);
        x = ic_conformance_draw(c, "in.x", in);
        dy = ic_conformance_draw(c, "in.dy", out);
        y = ic_conformance_array(c, "out.y", out);
        dx = ic_conformance_array(c, "grad.x", in);
    }
    place = ic_arena_alloc(
        &c->arena, (size_t)(p.batch * p.out_height * p.out_width * p.channels), 1);
    c->failed = c->failed || place == NULL;
    if (ic_conformance_ready(c)) {
        ic_loops_maxpool_forward(&p, (void *)y, (void *)place, (void *)x);
        ic_loops_maxpool_backward(&p, (void *)dx, (void *)dy, (void *)place, false);
    }
    return ic_conformance_end(c, error);
}

enum { BATCH = 3, SIDE = 4, CHANNELS = 5 };

/* The mean of each picture, or its maximum and its mean. */
static ic_status globalpool(struct ic_conformance_case *c, const char *name,
                            bool concat, struct ic_error *error)
{
    const struct ic_globalpool g = {
        .batch = BATCH, .pixels = SIDE * SIDE, .channels = CHANNELS};
    const ic_conformance_shape in = {BATCH, SIDE, SIDE, CHANNELS};
    const ic_conformance_shape out = {BATCH, concat ? 2 * CHANNELS : CHANNELS};
    int32_t place[BATCH][CHANNELS];
    double *x, *dy, *y, *dx;

    ic_conformance_begin(c, name, name);
    x = ic_conformance_draw(c, "in.x", in);
    dy = ic_conformance_draw(c, "in.dy", out);
    y = ic_conformance_array(c, "out.y", out);
    dx = ic_conformance_array(c, "grad.x", in);
    if (ic_conformance_ready(c) && concat) {
        ic_loops_concatpool_forward(&g, (void *)y, place, (void *)x);
        ic_loops_concatpool_backward(&g, (void *)dx, (void *)dy, place, false);
    } else if (ic_conformance_ready(c)) {
        ic_loops_avgpool_forward(&g, (void *)y, (void *)x);
        ic_loops_avgpool_backward(&g, (void *)dx, (void *)dy, false);
    }
    return ic_conformance_end(c, error);
}

ic_status ic_conformance_layers(struct ic_conformance_case *c, struct ic_error *error)
{
    ic_status status = IC_OK;

    for (size_t i = 0; status == IC_OK && i < COUNT(convs); i++)
        status = conv(c, i, error);
    if (status == IC_OK)
        status = linear(c, "linear", true, error);
    if (status == IC_OK)
        status = linear(c, "linear-unbiased", false, error);
    if (status == IC_OK)
        status = relu(c, error);
    if (status == IC_OK)
        status = add(c, error);
    if (status == IC_OK)
        status = dropout(c, error);
    for (size_t i = 0; status == IC_OK && i < COUNT(pools); i++)
        status = maxpool(c, i, error);
    if (status == IC_OK)
        status = globalpool(c, "avgpool", false, error);
    if (status == IC_OK)
        status = globalpool(c, "concatpool", true, error);
    return status;
}
