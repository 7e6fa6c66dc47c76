/* SPDX-License-Identifier: MIT */
/*
 * Convolution with a batch norm folded in, by every algorithm, over awkward shapes and
 * in each precision: against the naive convolution, norm, residual and ReLU in double
 * precision. The bits are the same for any number of threads, and weights packed for
 * one batch serve any batch.
 */
#include <math.h>

#include "check.h"
#include "kit.h"
#include "reference.h"

struct shape {
    int batch, height, width, in, out, kernel, stride, pad;
    bool add, relu;
    enum ic_conv_algorithm algorithm;
};

static const struct shape shapes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, true, true, 0},
    {1, 1, 1, 3, 5, 3, 1, 1, false, true, 0}, /* a kernel larger than the picture */
    {3, 5, 7, 17, 33, 1, 1, 0, true, false, 0},
    {2, 9, 5, 5, 3, 1, 2, 0, false, false, 0},
    {2, 9, 7, 3, 17, 3, 2, 1, true, true, 0},
    {1, 19, 17, 3, 65, 7, 2, 3, false, true, 0},  /* the stem */
    {3, 21, 20, 17, 33, 3, 1, 1, true, true, 0},  /* several tiles */
    {2, 4, 4, 129, 257, 3, 1, 1, true, true, 0},  /* groups of panels, a partial one */
    {3, 13, 10, 70, 36, 3, 1, 0, true, false, 0}, /* Winograd: tiles that hang over */
    {40, 9, 8, 40, 100, 3, 1, 1, true, true, 0},  /* several blocks of tiles */
    {2, 7, 6, 330, 300, 3, 1, 1, true, true, 0},  /* by frequencies */
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

static struct ic_conv conv_of(const struct kit *kit, const struct shape *s)
{
    return (struct ic_conv){
        .batch = s->batch,
        .in_height = s->height,
        .in_width = s->width,
        .in_channels = s->in,
        .out_height = (s->height + 2 * s->pad - s->kernel) / s->stride + 1,
        .out_width = (s->width + 2 * s->pad - s->kernel) / s->stride + 1,
        .out_channels = s->out,
        .kernel = s->kernel,
        .stride = s->stride,
        .pad = s->pad,
        .algorithm = s->algorithm,
        .type = kit->type,
    };
}

/* The parts of a layer, on the host. */
struct layer {
    size_t x_floats, y_floats, weight_floats, channels;
    float *x, *residual, *weight, *scale, *bias, *mean, *var;
};

static struct layer layer_of(struct kit *kit, const struct ic_conv *v)
{
    const size_t batch = (size_t)v->batch, kernel = (size_t)v->kernel;
    const size_t in = (size_t)v->in_channels, out = (size_t)v->out_channels;
    struct layer l = {
        .x_floats = batch * (size_t)v->in_height * (size_t)v->in_width * in,
        .y_floats = batch * (size_t)v->out_height * (size_t)v->out_width * out,
        .weight_floats = out * kernel * kernel * in,
        .channels = out,
    };

    l.x = kit_rounded(kit, kit_normal(kit, l.x_floats, 1), l.x_floats, v->type);
    l.weight = kit_normal(kit, l.weight_floats, 2);
    l.residual = kit_rounded(kit, kit_normal(kit, l.y_floats, 3), l.y_floats, v->type);
    l.scale = kit_normal(kit, out, 4);
    l.bias = kit_normal(kit, out, 5);
    l.mean = kit_normal(kit, out, 6);
    l.var = kit_normal(kit, out, 7);
    for (size_t c = 0; c < out; c++)
        l.var[c] *= l.var[c];
    return l;
}

static void *fold(struct kit *kit, const struct ic_conv *v, const struct layer *l)
{
    const struct ic_running_norm norm = {
        .weight = kit_floats(kit, l->scale, l->channels),
        .bias = kit_floats(kit, l->bias, l->channels),
        .mean = kit_floats(kit, l->mean, l->channels),
        .var = kit_floats(kit, l->var, l->channels),
        .epsilon = 1e-5f,
    };
    void *const folded =
        kit_bytes(kit, NULL, kit->backend->conv2d_folded_bytes(kit->device, v));

    kit->backend->conv2d_fold(kit->device, folded,
                              kit_floats(kit, l->weight, l->weight_floats), &norm, v);
    return folded;
}

static float *run(struct kit *kit, const struct shape *s, const struct ic_conv *v,
                  const struct layer *l, const void *folded)
{
    void *const y = kit_typed(kit, NULL, l->y_floats, v->type);
    void *const workspace =
        kit_bytes(kit, NULL, kit->backend->conv2d_folded_workspace(kit->device, v));

    kit->backend->conv2d_forward_folded(
        kit->device, y, kit_typed(kit, l->x, l->x_floats, v->type),
        s->add ? kit_typed(kit, l->residual, l->y_floats, v->type) : NULL, folded,
        workspace, v, s->relu);
    return kit_read_typed(kit, y, l->y_floats, v->type);
}

static struct ic_conv chosen(const struct kit *kit, const struct shape *s)
{
    struct ic_conv v = conv_of(kit, s);

    v.algorithm = kit->backend->conv2d_algorithm(&v, true);
    return v;
}

/* y by the definition: convolution, then norm. */
static void expect(double *y, const struct layer *l, const struct ic_conv *v)
{
    reference_conv_forward(y, l->x, l->weight, v);
    for (size_t i = 0; i < l->y_floats; i++) {
        const size_t c = i % l->channels;

        y[i] = (y[i] - l->mean[c]) / sqrt(l->var[c] + 1e-5) * l->scale[c] + l->bias[c];
    }
}

/* y from rounded operands, where the weights include the norm's scale. */
static void expect_rounded(struct kit *kit, double *y, const struct layer *l,
                           const struct ic_conv *v)
{
    float *const weight = kit_host(kit, l->weight_floats, sizeof *weight);
    const size_t length = l->weight_floats / l->channels;

    for (size_t i = 0; i < l->weight_floats; i++) {
        const size_t c = i / length;

        weight[i] =
            l->weight[i] * (float)(l->scale[c] / sqrt((double)l->var[c] + 1e-5f));
    }
    reference_conv_forward(y, kit_operands(kit, l->x, l->x_floats, v->type),
                           kit_operands(kit, weight, l->weight_floats, v->type), v);
    for (size_t i = 0; i < l->y_floats; i++) {
        const size_t c = i % l->channels;

        y[i] += l->bias[c] - l->mean[c] / sqrt(l->var[c] + 1e-5) * l->scale[c];
    }
}

/* In bf16 a GPU rounds both the convolution's result and the sum with the residual. */
static double tolerance_of(const struct kit *kit, const struct ic_conv *v)
{
    if (v->type == IC_TYPE_BF16)
        return 0x1p-8;
    return kit_tolerance(kit, v->algorithm == IC_CONV_WINOGRAD ? 1e-5 : 1e-6);
}

static void test_reference(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = chosen(kit, s);
    const struct layer l = layer_of(kit, &v);
    const float *const y = run(kit, s, &v, &l, fold(kit, &v, &l));
    double *const expected = kit_host(kit, l.y_floats, sizeof *expected);
    char name[160];

    if (kit->precision == IC_PRECISION_FP32)
        expect(expected, &l, &v);
    else
        expect_rounded(kit, expected, &l, &v);
    for (size_t i = 0; i < l.y_floats; i++) {
        const double sum = expected[i] + (s->add ? l.residual[i] : 0.0);

        expected[i] = s->relu && sum < 0 ? 0 : sum;
    }
    snprintf(name, sizeof name, "%s, folded, of batch %d, %dx%dx%d, %d out, kernel %d",
             ic_conv_algorithm_name(v.algorithm), s->batch, s->height, s->width, s->in,
             s->out, s->kernel);
    kit_check_close(kit, name, y, expected, l.y_floats, tolerance_of(kit, &v));
}

/* NaN stays NaN, through ReLU too. */
static void test_nan(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = chosen(kit, s);
    const struct layer l = layer_of(kit, &v);

    l.bias[0] = NAN;
    CHECK(isnan(run(kit, s, &v, &l, fold(kit, &v, &l))[0]));
}

/* Weights folded for a batch serve its first picture alone. */
static void test_smaller_batch(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    struct ic_conv v = chosen(kit, s);
    const struct layer whole = layer_of(kit, &v);
    void *const folded = fold(kit, &v, &whole);
    const size_t bytes = kit->backend->conv2d_folded_bytes(kit->device, &v);
    struct layer first = whole;
    float *y;

    v.batch = 1;
    first.x_floats /= (size_t)s->batch;
    first.y_floats /= (size_t)s->batch;
    CHECK(kit->backend->conv2d_folded_bytes(kit->device, &v) == bytes);
    y = run(kit, s, &v, &first, folded);
    CHECK(memcmp(y, run(kit, s, &v, &first, fold(kit, &v, &first)),
                 first.y_floats * sizeof *y) == 0);
}

/* The workspace of a batch suffices for every smaller batch. */
static void test_workspaces(struct kit *kit, void *data)
{
    struct ic_conv v = chosen(kit, data);
    size_t before = 0;

    for (v.batch = 1; v.batch <= 40; v.batch++) {
        const size_t bytes = kit->backend->conv2d_folded_workspace(kit->device, &v);

        if (bytes < before)
            CHECK_FAIL("%s: %d pictures have less workspace than %d",
                       ic_conv_algorithm_name(v.algorithm), v.batch, v.batch - 1);
        before = bytes;
    }
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct shape *const s = data;
    const struct ic_conv v = chosen(kit, s);
    const struct layer l = layer_of(kit, &v);

    memcpy(result, run(kit, s, &v, &l, fold(kit, &v, &l)), l.y_floats * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        struct shape shape = shapes[i];

        for (int a = 0; a < IC_CONV_ALGORITHMS; a++) {
            const struct ic_conv v =
                conv_of(&(struct kit){.type = IC_TYPE_FP32}, &shape);

            shape.algorithm = (enum ic_conv_algorithm)a;
            kit_run_conv(shape.algorithm, 2, test_reference, &shape);
            kit_run_conv(shape.algorithm, 2, test_nan, &shape);
            kit_run_conv(shape.algorithm, 3, test_smaller_batch, &shape);
            kit_run_conv(shape.algorithm, 3, test_workspaces, &shape);
            if (kit_cpu_has(shape.algorithm))
                kit_run_threads(run_for_bits, &shape,
                                (size_t)v.batch * (size_t)v.out_height *
                                    (size_t)v.out_width * (size_t)v.out_channels);
        }
    }
    return check_result() | kit_result();
}
