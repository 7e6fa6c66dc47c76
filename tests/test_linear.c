/* SPDX-License-Identifier: MIT */
/*
 * The fully connected layer, in each precision: against loops in double with operands
 * that are rounded in tf32, exact on whole numbers, and with the same bits for any
 * number of threads.
 */
#include "check.h"
#include "kit.h"

static const struct ic_linear shapes[] = {
    {1, 1, 1},    {1, 7, 3},     {5, 1, 17},    {3, 65, 1},
    {16, 33, 37}, {7, 130, 200}, {64, 512, 65},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

struct layer {
    size_t batch, in, out;
    const float *x, *weight, *bias, *dy;
};

/* Host arrays of normal or whole numbers. */
static struct layer layer_of(struct kit *kit, const struct ic_linear *shape, bool whole)
{
    struct layer l = {.batch = (size_t)shape->batch,
                      .in = (size_t)shape->in_features,
                      .out = (size_t)shape->out_features};
    const size_t sizes[] = {l.batch * l.in, l.out * l.in, l.out, l.batch * l.out};
    const float *arrays[4];

    for (size_t i = 0; i < 4; i++)
        arrays[i] =
            whole ? kit_whole(kit, sizes[i], 5, i) : kit_normal(kit, sizes[i], i);
    l.x = arrays[0];
    l.weight = arrays[1];
    l.bias = arrays[2];
    l.dy = arrays[3];
    return l;
}

struct expected {
    double *y, *y_plain, *dx, *dweight, *dbias;
};

static struct expected expect(struct kit *kit, const struct layer *l)
{
    const float *const x = kit_operands(kit, l->x, l->batch * l->in, IC_TYPE_FP32);
    const float *const weight =
        kit_operands(kit, l->weight, l->out * l->in, IC_TYPE_FP32);
    const float *const gradient =
        kit_operands(kit, l->dy, l->batch * l->out, IC_TYPE_FP32);
    const struct expected e = {
        kit_host(kit, l->batch * l->out, sizeof(double)),
        kit_host(kit, l->batch * l->out, sizeof(double)),
        kit_host(kit, l->batch * l->in, sizeof(double)),
        kit_host(kit, l->out * l->in, sizeof(double)),
        kit_host(kit, l->out, sizeof(double)),
    };

    for (size_t n = 0; n < l->batch; n++) {
        for (size_t o = 0; o < l->out; o++) {
            const double dy = gradient[n * l->out + o];

            for (size_t i = 0; i < l->in; i++) {
                e.y_plain[n * l->out + o] +=
                    (double)x[n * l->in + i] * weight[o * l->in + i];
                e.dx[n * l->in + i] += dy * weight[o * l->in + i];
                e.dweight[o * l->in + i] += dy * x[n * l->in + i];
            }
            e.y[n * l->out + o] = e.y_plain[n * l->out + o] + l->bias[o];
            e.dbias[o] += l->dy[n * l->out + o];
        }
    }
    return e;
}

struct results {
    float *y, *y_plain, *dx, *dweight, *dbias;
};

static void *workspace_of(struct kit *kit, const struct ic_linear *shape, bool training)
{
    return kit_bytes(kit, NULL,
                     kit->backend->linear_workspace(kit->device, shape, training));
}

static struct results run_layer(struct kit *kit, const struct ic_linear *shape,
                                const struct layer *l)
{
    const struct ic_backend *const b = kit->backend;
    const float *const x = kit_floats(kit, l->x, l->batch * l->in);
    const float *const weight = kit_floats(kit, l->weight, l->out * l->in);
    const float *const bias = kit_floats(kit, l->bias, l->out);
    const float *const dy = kit_floats(kit, l->dy, l->batch * l->out);
    float *const y = kit_floats(kit, NULL, l->batch * l->out);
    float *const y_plain = kit_floats(kit, NULL, l->batch * l->out);
    float *const dx = kit_floats(kit, NULL, l->batch * l->in);
    float *const dweight = kit_floats(kit, NULL, l->out * l->in);
    float *const dbias = kit_floats(kit, NULL, l->out);

    void *const small = workspace_of(kit, shape, false);
    void *const large = workspace_of(kit, shape, true);

    b->linear_forward(kit->device, y, x, weight, bias, small, shape);
    b->linear_forward(kit->device, y_plain, x, weight, NULL, large, shape);
    b->linear_backward_input(kit->device, dx, dy, weight, large, shape, false);
    b->linear_backward_weight(kit->device, dweight, dbias, dy, x, large, shape);
    return (struct results){
        kit_read(kit, y, l->batch * l->out), kit_read(kit, y_plain, l->batch * l->out),
        kit_read(kit, dx, l->batch * l->in), kit_read(kit, dweight, l->out * l->in),
        kit_read(kit, dbias, l->out)};
}

static void test_normal(struct kit *kit, void *data)
{
    const struct ic_linear *const shape = data;
    const struct layer l = layer_of(kit, shape, false);
    const struct expected e = expect(kit, &l);
    const struct results r = run_layer(kit, shape, &l);
    const double tolerance = kit_tolerance(kit, 1e-6);

    kit_check_close(kit, "y", r.y, e.y, l.batch * l.out, tolerance);
    kit_check_close(kit, "y without bias", r.y_plain, e.y_plain, l.batch * l.out,
                    tolerance);
    kit_check_close(kit, "dx", r.dx, e.dx, l.batch * l.in, tolerance);
    kit_check_close(kit, "dweight", r.dweight, e.dweight, l.out * l.in, tolerance);
    kit_check_close(kit, "dbias", r.dbias, e.dbias, l.out, 1e-6);
}

static void test_whole(struct kit *kit, void *data)
{
    const struct ic_linear *const shape = data;
    const struct layer l = layer_of(kit, shape, true);
    const struct expected e = expect(kit, &l);
    const struct results r = run_layer(kit, shape, &l);
    const float *const before = kit_whole(kit, l.batch * l.in, 50, 9);
    float *const dx = kit_floats(kit, before, l.batch * l.in);
    float *const dweight = kit_floats(kit, NULL, l.out * l.in);
    const float *const dy = kit_floats(kit, l.dy, l.batch * l.out);
    const float *const x = kit_floats(kit, l.x, l.batch * l.in);
    void *const workspace = workspace_of(kit, shape, true);
    float *dbias;

    kit_check_equal(kit, "y", r.y, e.y, l.batch * l.out);
    kit_check_equal(kit, "y without bias", r.y_plain, e.y_plain, l.batch * l.out);
    kit_check_equal(kit, "dx", r.dx, e.dx, l.batch * l.in);
    kit_check_equal(kit, "dweight", r.dweight, e.dweight, l.out * l.in);
    kit_check_equal(kit, "dbias", r.dbias, e.dbias, l.out);
    for (size_t i = 0; i < l.batch * l.in; i++)
        e.dx[i] += before[i];
    kit->backend->linear_backward_input(kit->device, dx, dy,
                                        kit_floats(kit, l.weight, l.out * l.in),
                                        workspace, shape, true);
    kit_check_equal(kit, "added dx", kit_read(kit, dx, l.batch * l.in), e.dx,
                    l.batch * l.in);
    kit->backend->linear_backward_weight(kit->device, dweight, NULL, dy, x, workspace,
                                         shape);
    kit_check_equal(kit, "dweight alone", kit_read(kit, dweight, l.out * l.in),
                    e.dweight, l.out * l.in);
    dbias = kit_floats(kit, l.bias, l.out);
    kit->backend->linear_backward_weight(kit->device, NULL, dbias, dy, x, workspace,
                                         shape);
    kit_check_equal(kit, "dbias alone", kit_read(kit, dbias, l.out), e.dbias, l.out);
}

/* The workspace of a batch suffices for every smaller batch. */
static void test_smaller_batches(struct kit *kit, void *data)
{
    struct ic_linear l = *(const struct ic_linear *)data;
    size_t before[2] = {0, 0};

    for (l.batch = 1; l.batch <= 70; l.batch++) {
        for (int training = 0; training < 2; training++) {
            const size_t bytes =
                kit->backend->linear_workspace(kit->device, &l, training);

            CHECK(bytes >= before[training]);
            before[training] = bytes;
        }
        CHECK(before[1] >= before[0]);
    }
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct layer l = layer_of(kit, data, false);
    const struct results r = run_layer(kit, data, &l);

    memcpy(result, r.y, l.batch * l.out * sizeof *result);
    result += l.batch * l.out;
    memcpy(result, r.dx, l.batch * l.in * sizeof *result);
    result += l.batch * l.in;
    memcpy(result, r.dweight, l.out * l.in * sizeof *result);
    memcpy(result + l.out * l.in, r.dbias, l.out * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        struct ic_linear s = shapes[i];
        const size_t batch = (size_t)s.batch, in = (size_t)s.in_features;
        const size_t out = (size_t)s.out_features;

        kit_run_precisions(2, test_normal, &s);
        kit_run_precisions(2, test_whole, &s);
        kit_run_precisions(2, test_smaller_batches, &s);
        kit_run_threads(run_for_bits, &s, batch * (in + out) + out * (in + 1));
    }
    return check_result() | kit_result();
}
