/* SPDX-License-Identifier: MIT */
/*
 * The three passes of a convolution, over awkward shapes and in each precision, bf16
 * with the type bf16: against the reference device with rounded operands, exact on
 * whole numbers, adjoint to each other, linear, and with the same bits for any number
 * of threads. Workspaces have exactly the size that the pass asks for, and a guard
 * after them.
 */
#include "check.h"
#include "conv_expected.h"
#include "kit.h"
#include "reference.h"

struct shape {
    int batch, height, width, in, out, kernel, stride, pad;
};

/* The algorithm under test. */
static enum ic_conv_algorithm algorithm;

static const struct shape shapes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0},
    {1, 1, 1, 3, 5, 3, 1, 1}, /* a kernel larger than the picture */
    {2, 2, 3, 1, 7, 7, 1, 3},
    {1, 2, 2, 3, 2, 7, 2, 3},
    {3, 5, 7, 17, 33, 1, 1, 0}, /* a product on the picture itself */
    {2, 9, 5, 5, 3, 1, 2, 0},   /* phases without a tap */
    {2, 2, 2, 3, 5, 1, 2, 0},
    {1, 1, 3, 3, 5, 1, 3, 0},
    {2, 7, 7, 3, 4, 1, 1, 1}, /* 1x1 with a border */
    {1, 7, 9, 5, 7, 3, 1, 0},
    {2, 6, 5, 7, 5, 3, 1, 1},
    {2, 9, 7, 3, 17, 3, 2, 1}, /* odd sizes, stride 2 */
    {2, 8, 6, 17, 3, 3, 2, 1},
    {1, 11, 10, 3, 5, 3, 3, 1},
    {1, 10, 11, 5, 3, 2, 3, 0}, /* pixels that no window covers */
    {2, 7, 5, 3, 3, 3, 1, 2},   /* pad > kernel / 2 */
    {1, 5, 4, 2, 3, 3, 2, 3},
    {1, 5, 6, 2, 3, 4, 1, 2}, /* even kernel */
    {1, 13, 14, 3, 9, 5, 4, 2},
    {1, 19, 17, 3, 65, 7, 2, 3},  /* the stem */
    {3, 21, 20, 17, 33, 3, 1, 1}, /* several tiles and chunks */
    {2, 41, 40, 16, 3, 3, 2, 1},
    {3, 19, 23, 5, 7, 3, 1, 1},   /* im2col: the last chunk of pixels is smaller */
    {2, 8, 8, 64, 130, 3, 1, 1},  /* weight gradient cut by rows of the kernel */
    {2, 4, 4, 129, 257, 3, 1, 1}, /* by taps, and into blocks */
    {5, 3, 3, 130, 260, 3, 2, 1},
    {3, 13, 10, 70, 36, 3, 1, 0}, /* Winograd: tiles that hang over, partial panels */
    {40, 9, 8, 40, 100, 3, 1, 1}, /* several blocks and stretches of tiles */
    {2, 7, 6, 330, 300, 3, 1, 1}, /* by frequencies */
    {2, 8, 9, 25, 70, 5, 1, 2},   /* tiles: rows of few channels, in several blocks */
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
        .algorithm = algorithm,
        .type = kit->type,
    };
}

static const char *name_of(const struct shape *s, const char *pass)
{
    static char name[160];

    snprintf(name, sizeof name, "%s of batch %d, %dx%dx%d, %d out, kernel %d/%d pad %d",
             pass, s->batch, s->height, s->width, s->in, s->out, s->kernel, s->stride,
             s->pad);
    return name;
}

/* Runs the three passes on host arrays. `start_dx` is what the data gradient is added
 * to, or NULL where it overwrites dx. */
struct passes {
    float *y, *dx, *dweight;
};

static struct passes run_passes(struct kit *kit, const struct ic_conv *v,
                                const float *x, const float *weight, const float *dy,
                                const float *start_dx)
{
    const struct conv_sizes n = conv_sizes_of(v);
    const struct ic_backend *const b = kit->backend;
    void *const y = kit_typed(kit, NULL, n.y, v->type);
    void *const dx = kit_typed(kit, start_dx, n.x, v->type);
    float *const dweight = kit_floats(kit, NULL, n.weight);
    const void *const x_in = kit_typed(kit, x, n.x, v->type);
    const float *const w_in = kit_floats(kit, weight, n.weight);
    const void *const dy_in = kit_typed(kit, dy, n.y, v->type);
    void *const small =
        kit_bytes(kit, NULL, b->conv2d_workspace(kit->device, v, false));
    void *const large = kit_bytes(kit, NULL, b->conv2d_workspace(kit->device, v, true));

    CHECK(b->conv2d_algorithm(v, false) == v->algorithm ||
          v->algorithm == IC_CONV_AUTO ||
          (v->algorithm == IC_CONV_WINOGRAD && (v->kernel != 3 || v->stride != 1)) ||
          (v->algorithm == IC_CONV_AMX && v->type != IC_TYPE_BF16));
    CHECK(b->conv2d_algorithm(v, false) != IC_CONV_AUTO);
    CHECK(b->conv2d_workspace(kit->device, v, false) <=
          b->conv2d_workspace(kit->device, v, true));
    b->conv2d_forward(kit->device, y, x_in, w_in, small, v);
    b->conv2d_backward_input(kit->device, dx, dy_in, w_in, large, v, start_dx != NULL);
    b->conv2d_backward_weight(kit->device, dweight, dy_in, x_in, large, v);
    return (struct passes){kit_read_typed(kit, y, n.y, v->type),
                           kit_read_typed(kit, dx, n.x, v->type),
                           kit_read(kit, dweight, n.weight)};
}

/* The same passes by the reference on rounded operands. */
static struct conv_expected expect(struct kit *kit, const struct ic_conv *v,
                                   const float *x, const float *weight, const float *dy)
{
    const struct conv_sizes n = conv_sizes_of(v);

    return conv_expected(v, kit_operands(kit, x, n.x, v->type),
                         kit_operands(kit, weight, n.weight, v->type),
                         kit_operands(kit, dy, n.y, v->type));
}

/* The tolerance of the results, besides the rounding of bf16 results. Winograd's
 * transforms contain thirds, so whole numbers do not stay whole. */
static double tolerance_of(const struct kit *kit, const struct ic_conv *v)
{
    const enum ic_conv_algorithm taken = kit->backend->conv2d_algorithm(v, false);

    return kit_tolerance(kit, taken == IC_CONV_WINOGRAD ? 1e-5 : 1e-6);
}

static void check_close(const struct kit *kit, const struct ic_conv *v,
                        const char *what, const float *found, const double *expected,
                        size_t count, enum ic_type type)
{
    kit_check_close_typed(kit, what, found, expected, count, tolerance_of(kit, v),
                          type);
}

static void check_equal(const struct kit *kit, const struct ic_conv *v,
                        const char *what, const float *found, const double *expected,
                        size_t count, enum ic_type type)
{
    if (kit->backend->conv2d_algorithm(v, false) == IC_CONV_WINOGRAD)
        check_close(kit, v, what, found, expected, count, type);
    else
        kit_check_equal_typed(kit, what, found, expected, count, type);
}

/* cuDNN rounds dW to bf16 for each part of a batch, before the parts are added up. */
static void check_weight(const struct kit *kit, const struct ic_conv *v,
                         const char *what, const float *found, const double *expected,
                         size_t count, bool whole)
{
    const bool rounds = v->type == IC_TYPE_BF16 &&
                        kit->backend->conv2d_algorithm(v, false) == IC_CONV_CUDNN;

    if (rounds)
        kit_check_close(kit, what, found, expected, count, 0x1p-8);
    else if (whole)
        check_equal(kit, v, what, found, expected, count, IC_TYPE_FP32);
    else
        check_close(kit, v, what, found, expected, count, IC_TYPE_FP32);
}

static void test_normal(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = conv_of(kit, s);
    const struct conv_sizes n = conv_sizes_of(&v);
    const float *const x = kit_normal(kit, n.x, 1);
    const float *const weight = kit_normal(kit, n.weight, 2);
    const float *const dy = kit_normal(kit, n.y, 3);
    const struct conv_expected e = expect(kit, &v, x, weight, dy);
    const struct passes p = run_passes(kit, &v, x, weight, dy, NULL);

    check_close(kit, &v, name_of(s, "forward"), p.y, e.y, n.y, v.type);
    check_close(kit, &v, name_of(s, "data gradient"), p.dx, e.dx, n.x, v.type);
    check_weight(kit, &v, name_of(s, "weight gradient"), p.dweight, e.dweight, n.weight,
                 false);
}

/* <conv(x), dy> = <x, dx> = <weight, dweight>, since all three are linear in each
 * operand. Holds where nothing is rounded any more. */
static void test_adjoint(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = conv_of(kit, s);
    const struct conv_sizes n = conv_sizes_of(&v);
    const float *const x = kit_operands(kit, kit_normal(kit, n.x, 4), n.x, v.type);
    const float *const weight =
        kit_operands(kit, kit_normal(kit, n.weight, 5), n.weight, v.type);
    const float *const dy = kit_operands(kit, kit_normal(kit, n.y, 6), n.y, v.type);
    const struct passes p = run_passes(kit, &v, x, weight, dy, NULL);
    const double by_y = kit_dot(p.y, dy, n.y);
    const double scale = sqrt(kit_dot(p.y, p.y, n.y) * kit_dot(dy, dy, n.y)) + 1e-30;
    const double tolerance = v.type == IC_TYPE_BF16 ? 0x1p-8 : tolerance_of(kit, &v);

    CHECK_NEAR(kit_dot(p.dx, x, n.x) / scale, by_y / scale, tolerance);
    CHECK_NEAR(kit_dot(p.dweight, weight, n.weight) / scale, by_y / scale, tolerance);
}

/* Whole numbers come out exactly, whether written or added to earlier values. */
static void test_whole(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = conv_of(kit, s);
    const struct conv_sizes n = conv_sizes_of(&v);
    const float *const x = kit_whole(kit, n.x, 3, 7);
    const float *const weight = kit_whole(kit, n.weight, 3, 8);
    const float *const dy = kit_whole(kit, n.y, 3, 9);
    const float *const dx = kit_whole(kit, n.x, 50, 10);
    double *const sum = kit_host(kit, n.x, sizeof *sum);
    const struct conv_expected e = expect(kit, &v, x, weight, dy);
    struct passes p = run_passes(kit, &v, x, weight, dy, NULL);

    check_equal(kit, &v, name_of(s, "forward"), p.y, e.y, n.y, v.type);
    check_equal(kit, &v, name_of(s, "data gradient"), p.dx, e.dx, n.x, v.type);
    check_weight(kit, &v, name_of(s, "weight gradient"), p.dweight, e.dweight, n.weight,
                 true);
    for (size_t i = 0; i < n.x; i++)
        sum[i] = e.dx[i] + dx[i];
    p = run_passes(kit, &v, x, weight, dy, dx);
    check_equal(kit, &v, name_of(s, "added data gradient"), p.dx, sum, n.x, v.type);
}

/* conv(2 a - 3 b) = 2 conv(a) - 3 conv(b), exactly on whole numbers, where the results
 * are not rounded. */
static void test_linear(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const struct ic_conv v = conv_of(kit, s);
    const struct conv_sizes n = conv_sizes_of(&v);
    const float *const weight = kit_whole(kit, n.weight, 3, 12);
    const float *const dy = kit_whole(kit, n.y, 3, 13);
    const float *const a = kit_whole(kit, n.x, 3, 14);
    const float *const b = kit_whole(kit, n.x, 3, 15);
    float *const mix = kit_host(kit, n.x, sizeof *mix);
    double *const y = kit_host(kit, n.y, sizeof *y);
    struct passes of_a, of_b;

    if (v.type != IC_TYPE_FP32)
        return;
    of_a = run_passes(kit, &v, a, weight, dy, NULL);
    of_b = run_passes(kit, &v, b, weight, dy, NULL);
    for (size_t i = 0; i < n.x; i++)
        mix[i] = 2 * a[i] - 3 * b[i];
    for (size_t i = 0; i < n.y; i++)
        y[i] = 2.0 * of_a.y[i] - 3.0 * of_b.y[i];
    check_equal(kit, &v, name_of(s, "linearity"),
                run_passes(kit, &v, mix, weight, dy, NULL).y, y, n.y, v.type);
}

static int kind(double x)
{
    return isnan(x) ? 2 : isinf(x) ? (x > 0 ? 1 : -1) : 0;
}

/* With one special number in a picture, values that are not finite come out exactly
 * where the reference has them. (With two, infinity minus a number above the largest
 * finite one may be infinite or NaN: it depends on whether a product is rounded before
 * it is added.) */
static void check_special(struct kit *kit, const struct shape *s, float special)
{
    const struct ic_conv v = conv_of(kit, s);
    const struct conv_sizes n = conv_sizes_of(&v);
    float *const x = kit_normal(kit, n.x, 19);
    const float *const weight = kit_normal(kit, n.weight, 20);
    const float *const dy = kit_normal(kit, n.y, 21);
    struct conv_expected e;
    const int digits = v.type == IC_TYPE_BF16 ? 8 : 24;
    struct passes p;
    size_t wrong = 0;

    if (kit->backend->conv2d_algorithm(&v, false) == IC_CONV_WINOGRAD)
        return; /* one special number spreads over its whole tile */
    if (kit->backend->conv2d_algorithm(&v, false) == IC_CONV_AMX && s->in <= 28)
        return; /* a step of several pixels may include one beside the window */
    x[n.x / 2] = special;
    e = expect(kit, &v, x, weight, dy);
    p = run_passes(kit, &v, x, weight, dy, NULL);
    for (size_t i = 0; i < n.y; i++)
        wrong += kind(p.y[i]) != kind(kit_round(e.y[i], digits));
    CHECK_INT(wrong, 0);
}

static void test_special(struct kit *kit, void *data)
{
    check_special(kit, data, NAN);
    check_special(kit, data, INFINITY);
    check_special(kit, data, 0x1.fep127f); /* the largest bf16; sums exceed it */
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct ic_conv v = conv_of(kit, data);
    const struct conv_sizes n = conv_sizes_of(&v);
    const struct passes p =
        run_passes(kit, &v, kit_normal(kit, n.x, 16), kit_normal(kit, n.weight, 17),
                   kit_normal(kit, n.y, 18), NULL);

    memcpy(result, p.y, n.y * sizeof *result);
    memcpy(result + n.y, p.dx, n.x * sizeof *result);
    memcpy(result + n.y + n.x, p.dweight, n.weight * sizeof *result);
}

/* The workspace of a batch suffices for every smaller batch. */
static void test_smaller_batches(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    struct ic_conv v = conv_of(kit, s);
    size_t before[2] = {0, 0};

    for (v.batch = 1; v.batch <= 40; v.batch++) {
        for (int training = 0; training < 2; training++) {
            const size_t bytes =
                kit->backend->conv2d_workspace(kit->device, &v, training);

            if (bytes < before[training])
                CHECK_FAIL("%s: %d pictures have less workspace than %d",
                           name_of(s, training ? "training" : "forward"), v.batch,
                           v.batch - 1);
            before[training] = bytes;
        }
    }
}

/* A batch whose tensors have more numbers than an int can count. It is only planned. */
static void test_huge_batch(struct kit *kit, void *data)
{
    struct ic_conv v = conv_of(kit, &(struct shape){4096, 224, 224, 3, 64, 7, 2, 3});
    const size_t bytes = kit->backend->conv2d_workspace(kit->device, &v, false);

    v.batch = 1;
    CHECK(bytes >= kit->backend->conv2d_workspace(kit->device, &v, false));
}

static void test_names(void)
{
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_AUTO), "auto");
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_IM2COL), "im2col");
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_DIRECT), "direct");
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_WINOGRAD), "winograd");
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_AMX), "amx");
    CHECK_STRING(ic_conv_algorithm_name(IC_CONV_CUDNN), "cudnn");
    CHECK(ic_conv_algorithm_name(IC_CONV_ALGORITHMS) == NULL);
}

/* The emulated GPU and the reference multiply one product at a time, in double. Two
 * kinds of cases would take minutes: auto, which is one of the algorithms, and large
 * shapes. On the emulated GPU im2col in fp32 alone runs them. */
static bool too_long(const struct kit *kit, const struct ic_conv *v)
{
    const size_t most = (size_t)4 << 20;
    const size_t multiply_adds = conv_sizes_of(v).y * (size_t)v->kernel *
                                 (size_t)v->kernel * (size_t)v->in_channels;
    const bool first = kit->emulated && v->algorithm == IC_CONV_IM2COL &&
                       kit->precision == IC_PRECISION_FP32;

    return (kit->emulated || kit->reference) && !first &&
           (multiply_adds > most || v->algorithm == IC_CONV_AUTO);
}

static void test_passes(struct kit *kit, void *data)
{
    const struct ic_conv v = conv_of(kit, data);

    test_smaller_batches(kit, data);
    if (too_long(kit, &v))
        return;
    test_normal(kit, data);
    test_whole(kit, data);
    test_special(kit, data);
    if (check_addresses_only())
        return;
    test_adjoint(kit, data);
    test_linear(kit, data);
}

static void test_shape(struct shape *shape)
{
    const struct ic_conv v = conv_of(&(struct kit){.type = IC_TYPE_FP32}, shape);
    const struct conv_sizes n = conv_sizes_of(&v);

    kit_run_conv(algorithm, 2, test_passes, shape);
    if (kit_cpu_has(algorithm))
        kit_run_threads(run_for_bits, shape, n.x + n.y + n.weight);
}

int main(void)
{
    test_names();
    for (algorithm = 0; algorithm < IC_CONV_ALGORITHMS; algorithm++)
        kit_run_conv(algorithm, 2, test_huge_batch, NULL);
    for (int i = 0; i < SHAPES; i++) {
        struct shape shape = shapes[i];

        for (algorithm = 0; algorithm < IC_CONV_ALGORITHMS; algorithm++)
            test_shape(&shape);
        conv_expected_forget();
    }
    return check_result() | kit_result();
}
