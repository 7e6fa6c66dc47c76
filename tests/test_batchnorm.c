/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation against the reference device: training and evaluation, with and
 * without residual and ReLU, in place where that is allowed; batch and running
 * statistics; large means; a single row; gradients by central differences; equal bits;
 * each type.
 */
#include "check.h"
#include "kit.h"
#include "reference.h"

struct shape {
    size_t rows;
    int channels;
};

static const struct shape shapes[] = {
    {1, 1},   {1, 5},    {2, 3},    {7, 1},     {9, 7},     {49, 17},   {50, 33},
    {33, 64}, {513, 16}, {600, 65}, {1100, 64}, {130, 130}, {40, 1030}, {5000, 3},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* One case: a shape with its flags, and the mean of x. */
struct variant {
    struct shape shape;
    bool relu, residual;
    double mean;
};

/* All arrays of one case, on the host and on the device. */
struct setup {
    struct ic_batchnorm bn;
    size_t rows, channels, count;
    float *x, *residual, *weight, *bias, *dy; /* host */
    void *d_x, *d_residual, *d_y;             /* device, of the type */
    float *d_weight, *d_bias;                 /* device */
    float *d_mean, *d_invstd;
    double *d_batch_mean, *d_batch_var;
    void *workspace;
};

static struct setup set_up(struct kit *kit, const struct variant *v)
{
    const size_t channels = (size_t)v->shape.channels;
    const size_t count = v->shape.rows * channels;
    struct setup s = {.bn = {.rows = v->shape.rows,
                             .channels = v->shape.channels,
                             .type = kit->type,
                             .relu = v->relu,
                             .epsilon = 1e-5f},
                      .rows = v->shape.rows,
                      .channels = channels,
                      .count = count};

    s.x = kit_normal(kit, count, 1);
    for (size_t i = 0; i < count; i++)
        s.x[i] += (float)v->mean;
    s.x = kit_rounded(kit, s.x, count, kit->type);
    if (v->residual)
        s.residual = kit_rounded(kit, kit_normal(kit, count, 2), count, kit->type);
    s.weight = kit_normal(kit, channels, 3);
    s.bias = kit_normal(kit, channels, 4);
    s.dy = kit_rounded(kit, kit_normal(kit, count, 5), count, kit->type);
    s.d_x = kit_typed(kit, s.x, count, kit->type);
    s.d_residual = v->residual ? kit_typed(kit, s.residual, count, kit->type) : NULL;
    s.d_weight = kit_floats(kit, s.weight, channels);
    s.d_bias = kit_floats(kit, s.bias, channels);
    s.d_y = kit_typed(kit, NULL, count, kit->type);
    s.d_mean = kit_floats(kit, NULL, channels);
    s.d_invstd = kit_floats(kit, NULL, channels);
    s.d_batch_mean = kit_bytes(kit, NULL, channels * sizeof(double));
    s.d_batch_var = kit_bytes(kit, NULL, channels * sizeof(double));
    s.workspace =
        kit_bytes(kit, NULL, kit->backend->batchnorm_workspace(kit->device, &s.bn));
    return s;
}

static void forward_train(struct kit *kit, const struct setup *s)
{
    kit->backend->batchnorm_forward_train(
        kit->device, s->d_y, s->d_mean, s->d_invstd, s->d_batch_mean, s->d_batch_var,
        s->d_x, s->d_residual, s->d_weight, s->d_bias, s->workspace, &s->bn);
}

/* An array of activations, in fp32. */
static float *read_typed(struct kit *kit, const struct setup *s, const void *array)
{
    return kit_read_typed(kit, array, s->count, s->bn.type);
}

static float *read_doubles(struct kit *kit, const double *array, size_t count)
{
    const double *const from = kit_read_bytes(kit, array, count * sizeof *array);
    float *const to = kit_host(kit, count, sizeof *to);

    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
    return to;
}

/* --- forward ---------------------------------------------------------------------- */

static void test_forward(struct kit *kit, void *data)
{
    const struct variant *const v = data;
    const struct setup s = set_up(kit, v);
    double *const mean = kit_host(kit, s.channels, sizeof *mean);
    double *const var = kit_host(kit, s.channels, sizeof *var);
    double *const invstd = kit_host(kit, s.channels, sizeof *invstd);
    double *const unbiased = kit_host(kit, s.channels, sizeof *var);
    double *const y = kit_host(kit, s.count, sizeof *y);
    /* Where the mean is large, x itself has lost digits, and so has x - mean. */
    const double tolerance = 2e-6 + 1e-7 * fabs(v->mean);
    /* Few distinct numbers, as rounding to bf16 leaves them, make rounding errors of
     * the sums add up. */
    const double sums = kit->type == IC_TYPE_FP32 ? 2e-6 : 1e-5;

    reference_moments(mean, var, s.x, s.rows, s.bn.channels);
    reference_batchnorm_forward(y, s.x, s.residual, s.weight, s.bias, mean, var, &s.bn);
    for (size_t c = 0; c < s.channels; c++) {
        const double n = (double)s.rows;

        invstd[c] = 1 / sqrt(var[c] + s.bn.epsilon);
        unbiased[c] = n > 1 ? var[c] * n / (n - 1) : var[c];
    }
    forward_train(kit, &s);
    if (s.rows > 1) {
        kit_check_close_typed(kit, "y", read_typed(kit, &s, s.d_y), y, s.count,
                              tolerance, kit->type);
        kit_check_close(kit, "saved deviation", kit_read(kit, s.d_invstd, s.channels),
                        invstd, s.channels, sums / 2);
    }
    kit_check_close(kit, "saved mean", kit_read(kit, s.d_mean, s.channels), mean,
                    s.channels, sums);
    kit_check_close(kit, "batch mean", read_doubles(kit, s.d_batch_mean, s.channels),
                    mean, s.channels, sums);
    kit_check_close(kit, "batch variance", read_doubles(kit, s.d_batch_var, s.channels),
                    unbiased, s.channels, 1e-5);
}

/* Computed in double and rounded once, so that one result is right. */
static void test_move(struct kit *kit, void *data)
{
    enum { COUNT = 10007 };
    const float momentum = 0.1f, *const before = kit_normal(kit, COUNT, 6);
    const float *const high = kit_normal(kit, COUNT, 7),
                       *low = kit_normal(kit, COUNT, 8);
    float *const running = kit_floats(kit, before, COUNT);
    double *const batch = kit_host(kit, COUNT, sizeof *batch);
    double *const expected = kit_host(kit, COUNT, sizeof *expected);

    for (int i = 0; i < COUNT; i++) {
        batch[i] = high[i] + 1e-8 * low[i]; /* not representable as a float */
        expected[i] =
            (float)((1 - (double)momentum) * before[i] + (double)momentum * batch[i]);
    }
    kit->backend->batchnorm_move(kit->device, running,
                                 kit_bytes(kit, batch, COUNT * sizeof *batch), momentum,
                                 COUNT);
    kit_check_close(kit, "moved statistics", kit_read(kit, running, COUNT), expected,
                    COUNT, kit->gpu ? 1e-7 : 0);
}

/* batchnorm_recompute gives the same y from the saved statistics. */
static void test_again(struct kit *kit, void *data)
{
    const struct variant *const v = data;
    const struct setup s = set_up(kit, v);
    const float *y;
    void *again;

    if (v->residual)
        return;
    forward_train(kit, &s);
    y = read_typed(kit, &s, s.d_y);
    again = kit_typed(kit, s.dy, s.count, kit->type); /* other values */
    kit->backend->batchnorm_recompute(kit->device, again, s.d_x, s.d_weight, s.d_bias,
                                      s.d_mean, s.d_invstd, &s.bn);
    CHECK(memcmp(read_typed(kit, &s, again), y, s.count * sizeof *y) == 0);
}

/* A single row is its own mean: y is the bias, and nothing is divided by zero. */
static void test_one_row(struct kit *kit, void *data)
{
    const struct variant v = {.shape = {1, 9}, .mean = 3};
    const struct setup s = set_up(kit, &v);
    const float *const bias = kit_rounded(kit, s.bias, s.channels, kit->type);
    const float *y;

    forward_train(kit, &s);
    y = read_typed(kit, &s, s.d_y);
    for (size_t c = 0; c < s.channels; c++)
        CHECK_NEAR(y[c], bias[c], 1e-6);
}

static void test_eval(struct kit *kit, void *data)
{
    const struct variant *const v = data;
    const struct setup s = set_up(kit, v);
    float *const var = kit_normal(kit, s.channels, 8);
    float *const mean = kit_normal(kit, s.channels, 9);
    double *const mean_d = kit_host(kit, s.channels, sizeof *mean_d);
    double *const var_d = kit_host(kit, s.channels, sizeof *var_d);
    double *const y = kit_host(kit, s.count, sizeof *y);
    const float *d_mean, *d_var;

    for (size_t c = 0; c < s.channels; c++) {
        var[c] = fabsf(var[c]);
        mean[c] += (float)v->mean;
        mean_d[c] = mean[c];
        var_d[c] = var[c];
    }
    d_mean = kit_floats(kit, mean, s.channels);
    d_var = kit_floats(kit, var, s.channels);
    reference_batchnorm_forward(y, s.x, s.residual, s.weight, s.bias, mean_d, var_d,
                                &s.bn);
    kit->backend->batchnorm_forward_eval(kit->device, s.d_y, s.d_x, s.d_residual,
                                         s.d_weight, s.d_bias, d_mean, d_var, &s.bn);
    kit_check_close_typed(kit, "y of evaluation", read_typed(kit, &s, s.d_y), y,
                          s.count, 2e-6, kit->type);
    kit->backend->batchnorm_forward_eval(kit->device, s.d_x, s.d_x, s.d_residual,
                                         s.d_weight, s.d_bias, d_mean, d_var, &s.bn);
    CHECK(memcmp(read_typed(kit, &s, s.d_x), read_typed(kit, &s, s.d_y),
                 s.count * sizeof(float)) == 0);
}

/* NaN passes through the ReLU, so that it is noticed. */
static void test_nan(struct kit *kit, void *data)
{
    struct variant v = {.shape = {3, 70}, .relu = true};
    struct setup s = set_up(kit, &v);
    const float *y;

    s.x[70 + 66] = NAN;
    s.d_x = kit_typed(kit, s.x, s.count, kit->type);
    forward_train(kit, &s);
    y = read_typed(kit, &s, s.d_y);
    for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 70; c++)
            CHECK(isnan(y[r * 70 + c]) == (c == 66));
}

/* --- backward --------------------------------------------------------------------- */

enum place { NOWHERE, APART, IN_PLACE, ADDED, PLACES };

struct gradients {
    float *dx, *dresidual, *dweight, *dbias;
};

/* The kernel's gradients. `place` says where dresidual goes; dx overwrites dy where
 * that is allowed. */
static struct gradients backward(struct kit *kit, const struct setup *s,
                                 enum place place, bool dx_over_dy, const float *before)
{
    const enum ic_type type = s->bn.type;
    void *const dy = kit_typed(kit, s->dy, s->count, type);
    void *const dx = dx_over_dy ? dy : kit_typed(kit, NULL, s->count, type);
    float *const dweight = kit_floats(kit, NULL, s->channels);
    float *const dbias = kit_floats(kit, NULL, s->channels);
    void *dresidual = NULL;

    if (place == IN_PLACE)
        dresidual = dy;
    else if (place == APART)
        dresidual = kit_typed(kit, NULL, s->count, type);
    else if (place == ADDED)
        dresidual = kit_typed(kit, before, s->count, type);
    kit->backend->batchnorm_backward(kit->device, dx, dresidual, dweight, dbias, dy,
                                     s->d_x, s->bn.relu ? s->d_y : NULL, s->d_weight,
                                     s->d_bias, s->d_mean, s->d_invstd, s->workspace,
                                     &s->bn, place == ADDED);
    return (struct gradients){read_typed(kit, s, dx),
                              dresidual != NULL ? read_typed(kit, s, dresidual) : NULL,
                              kit_read(kit, dweight, s->channels),
                              kit_read(kit, dbias, s->channels)};
}

static void test_backward(struct kit *kit, void *data)
{
    const struct variant *const v = data;
    const struct setup s = set_up(kit, v);
    const float *const before =
        kit_rounded(kit, kit_normal(kit, s.count, 10), s.count, kit->type);
    double *const dx = kit_host(kit, s.count, sizeof *dx);
    double *const dresidual = kit_host(kit, s.count, sizeof *dresidual);
    double *const added = kit_host(kit, s.count, sizeof *added);
    double *const dweight = kit_host(kit, s.channels, sizeof *dweight);
    double *const dbias = kit_host(kit, s.channels, sizeof *dbias);
    bool *const open = kit_host(kit, s.count, sizeof *open);
    const float *y;

    forward_train(kit, &s);
    y = read_typed(kit, &s, s.d_y);
    for (size_t i = 0; i < s.count; i++)
        open[i] = !v->relu || y[i] > 0;
    reference_batchnorm_backward(dx, dresidual, dweight, dbias, s.dy, s.x, open,
                                 s.weight, &s.bn);
    for (size_t i = 0; i < s.count; i++)
        added[i] = dresidual[i] + before[i];
    for (enum place place = NOWHERE; place < PLACES; place++) {
        for (int over = 0; over <= (place == NOWHERE); over++) {
            const struct gradients g = backward(kit, &s, place, over, before);

            /* With two rows almost nothing remains of dx, and rounding swallows it. */
            if (s.rows > 2) {
                kit_check_close_typed(kit, "dx", g.dx, dx, s.count, 5e-6, kit->type);
                kit_check_close(kit, "dweight", g.dweight, dweight, s.channels, 3e-6);
            }
            kit_check_close(kit, "dbias", g.dbias, dbias, s.channels, 2e-6);
            if (place != NOWHERE)
                kit_check_close_typed(kit, "dresidual", g.dresidual,
                                      place == ADDED ? added : dresidual, s.count, 1e-7,
                                      kit->type);
        }
    }
}

/* Without dx, the sums have the same bits. */
static void test_sums_alone(struct kit *kit, void *data)
{
    const struct setup s = set_up(kit, data);
    void *const dy = kit_typed(kit, s.dy, s.count, kit->type);
    float *const dweight = kit_floats(kit, NULL, s.channels);
    float *const dbias = kit_floats(kit, NULL, s.channels);
    struct gradients g;

    forward_train(kit, &s);
    g = backward(kit, &s, NOWHERE, false, NULL);
    kit->backend->batchnorm_backward(kit->device, NULL, NULL, dweight, dbias, dy, s.d_x,
                                     s.bn.relu ? s.d_y : NULL, s.d_weight, s.d_bias,
                                     s.d_mean, s.d_invstd, s.workspace, &s.bn, false);
    CHECK(memcmp(kit_read(kit, dweight, s.channels), g.dweight,
                 s.channels * sizeof(float)) == 0);
    CHECK(memcmp(kit_read(kit, dbias, s.channels), g.dbias,
                 s.channels * sizeof(float)) == 0);
    CHECK(memcmp(read_typed(kit, &s, dy), s.dy, s.count * sizeof(float)) == 0);
}

/* Without y the mask is computed from x: the same bits. */
static void test_mask_of_x(struct kit *kit, void *data)
{
    const struct setup s = set_up(kit, data);
    struct setup without_y = s;

    forward_train(kit, &s);
    without_y.d_y = NULL;
    for (int over = 0; over < 2; over++) {
        const struct gradients a = backward(kit, &s, NOWHERE, over, NULL);
        const struct gradients b = backward(kit, &without_y, NOWHERE, over, NULL);

        CHECK(memcmp(a.dx, b.dx, s.count * sizeof(float)) == 0);
        CHECK(memcmp(a.dweight, b.dweight, s.channels * sizeof(float)) == 0);
        CHECK(memcmp(a.dbias, b.dbias, s.channels * sizeof(float)) == 0);
    }
}

/* The loss sum(dy * y) of the reference, for central differences. */
static double loss_at(struct kit *kit, const struct setup *s, const float *x)
{
    double *const mean = kit_host(kit, s->channels, sizeof *mean);
    double *const var = kit_host(kit, s->channels, sizeof *var);
    double *const y = kit_host(kit, s->count, sizeof *y);
    double loss = 0;

    reference_moments(mean, var, x, s->rows, s->bn.channels);
    reference_batchnorm_forward(y, x, s->residual, s->weight, s->bias, mean, var,
                                &s->bn);
    for (size_t i = 0; i < s->count; i++)
        loss += y[i] * s->dy[i];
    return loss;
}

/* dx along a random direction is the slope of the loss in that direction. */
static void test_direction(struct kit *kit, void *data)
{
    const struct variant v = {.shape = {40, 19}, .residual = true, .mean = 0.5};
    const struct setup s = set_up(kit, &v);
    const float *const direction = kit_normal(kit, s.count, 11);
    float *const x = kit_host(kit, s.count, sizeof *x);
    const double step = 1e-3;
    double up, down;
    struct gradients g;

    forward_train(kit, &s);
    g = backward(kit, &s, NOWHERE, false, NULL);
    for (size_t i = 0; i < s.count; i++)
        x[i] = s.x[i] + (float)step * direction[i];
    up = loss_at(kit, &s, x);
    for (size_t i = 0; i < s.count; i++)
        x[i] = s.x[i] - (float)step * direction[i];
    down = loss_at(kit, &s, x);
    CHECK_NEAR(kit_dot(g.dx, direction, s.count), (up - down) / (2 * step), 2e-3);
}

/* --- bits ------------------------------------------------------------------------- */

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct setup s = set_up(kit, data);
    struct gradients g;

    forward_train(kit, &s);
    memcpy(result, read_typed(kit, &s, s.d_y), s.count * sizeof *result);
    result += s.count;
    g = backward(kit, &s, APART, false, NULL);
    memcpy(result, g.dx, s.count * sizeof *result);
    result += s.count;
    memcpy(result, g.dresidual, s.count * sizeof *result);
    result += s.count;
    memcpy(result, g.dweight, s.channels * sizeof *result);
    memcpy(result + s.channels, g.dbias, s.channels * sizeof *result);
    memcpy(result + 2 * s.channels, read_doubles(kit, s.d_batch_var, s.channels),
           s.channels * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        const size_t channels = (size_t)shapes[i].channels;

        for (int flags = 0; flags < 4; flags++) {
            struct variant v = {shapes[i], (flags & 1) != 0, (flags & 2) != 0, 0};

            kit_types(2, test_forward, &v);
            kit_types(2, test_again, &v);
            kit_types(2, test_eval, &v);
            kit_types(2, test_backward, &v);
            kit_types(2, test_sums_alone, &v);
            if (v.relu && !v.residual)
                kit_types(2, test_mask_of_x, &v);
            v.mean = 100;
            kit_types(2, test_forward, &v);
            if (v.relu && v.residual)
                kit_run_threads(run_for_bits, &v, 3 * (shapes[i].rows + 1) * channels);
        }
    }
    kit_run(2, test_move, NULL);
    kit_types(2, test_one_row, NULL);
    kit_types(2, test_nan, NULL);
    kit_run(2, test_direction, NULL);
    return check_result() | kit_result();
}
