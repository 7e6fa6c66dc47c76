/* SPDX-License-Identifier: MIT */
/*
 * Max pooling, the global mean, and the global maximum beside it; forward and backward,
 * in each type.
 */
#include "check.h"
#include "kit.h"
#include "reference.h"

struct shape {
    int batch, height, width, channels, kernel, stride, pad;
};

static const struct shape shapes[] = {
    {1, 1, 1, 1, 1, 1, 0},  {1, 1, 1, 3, 3, 2, 1},    {2, 5, 7, 5, 3, 2, 1},
    {2, 8, 6, 17, 3, 2, 1}, {1, 9, 9, 33, 2, 2, 0},   {1, 7, 8, 64, 3, 1, 1},
    {3, 6, 5, 65, 3, 3, 1}, {1, 20, 17, 7, 15, 4, 7}, {2, 10, 11, 3, 2, 5, 1},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

static struct ic_pool pool_of(const struct kit *kit, const struct shape *s)
{
    return (struct ic_pool){
        .batch = s->batch,
        .in_height = s->height,
        .in_width = s->width,
        .channels = s->channels,
        .out_height = (s->height + 2 * s->pad - s->kernel) / s->stride + 1,
        .out_width = (s->width + 2 * s->pad - s->kernel) / s->stride + 1,
        .kernel = s->kernel,
        .stride = s->stride,
        .pad = s->pad,
        .type = kit->type,
    };
}

static struct ic_globalpool globalpool_of(const struct kit *kit, const struct shape *s)
{
    return (struct ic_globalpool){s->batch, s->height * s->width, s->channels,
                                  kit->type};
}

static size_t floats_in(const struct ic_pool *p)
{
    return (size_t)p->batch * (size_t)p->in_height * (size_t)p->in_width *
           (size_t)p->channels;
}

static size_t floats_out(const struct ic_pool *p)
{
    return (size_t)p->batch * (size_t)p->out_height * (size_t)p->out_width *
           (size_t)p->channels;
}

/* x holds few distinct values, so that there are many ties. The gradients are exact in
 * bf16, their sums only in fp32. */
static void test_maxpool(struct kit *kit, void *data)
{
    const struct ic_pool p = pool_of(kit, data);
    const size_t in = floats_in(&p), out = floats_out(&p);
    const float *const x = kit_whole(kit, in, 4, 1);
    const float *const dy = kit_whole(kit, out, 255, 2);
    const float *const before = kit_whole(kit, in, 255, 3);
    void *const d_y = kit_typed(kit, NULL, out, p.type);
    void *const d_dx = kit_typed(kit, NULL, in, p.type);
    const void *const d_dy = kit_typed(kit, dy, out, p.type);
    const void *const d_x = kit_typed(kit, x, in, p.type);
    uint8_t *const d_place = kit_bytes(kit, NULL, out);
    void *const d_alone = kit_typed(kit, NULL, out, p.type);
    double *const y = kit_host(kit, out, sizeof *y);
    double *const dx = kit_host(kit, in, sizeof *dx);
    uint8_t *const place = kit_host(kit, out, sizeof *place);
    const uint8_t *found;
    void *added;

    reference_maxpool_forward(y, place, x, &p);
    reference_maxpool_backward(dx, dy, place, &p);
    kit->backend->maxpool_forward(kit->device, d_y, d_place, d_x, &p);
    kit_check_equal(kit, "max pool", kit_read_typed(kit, d_y, out, p.type), y, out);
    kit->backend->maxpool_forward(kit->device, d_alone, NULL, d_x, &p);
    kit_check_equal(kit, "max pool without places",
                    kit_read_typed(kit, d_alone, out, p.type), y, out);
    found = kit_read_bytes(kit, d_place, out);
    for (size_t i = 0; i < out; i++)
        if (found[i] != place[i]) {
            CHECK_INT(found[i], place[i]);
            break;
        }
    kit->backend->maxpool_backward(kit->device, d_dx, d_dy, d_place, &p, false);
    kit_check_equal_typed(kit, "max pool's gradient",
                          kit_read_typed(kit, d_dx, in, p.type), dx, in, p.type);
    for (size_t i = 0; i < in; i++)
        dx[i] += before[i];
    added = kit_typed(kit, before, in, p.type);
    kit->backend->maxpool_backward(kit->device, added, d_dy, d_place, &p, true);
    kit_check_equal_typed(kit, "added gradient", kit_read_typed(kit, added, in, p.type),
                          dx, in, p.type);
}

/* NaN wins. -infinity can win where nothing else is in the window, but the border never
 * does. */
static void test_special(struct kit *kit, void *data)
{
    const struct shape shape = {1, 4, 4, 2, 3, 2, 1};
    const struct ic_pool p = pool_of(kit, &shape);
    float x[32];
    void *const d_y = kit_typed(kit, NULL, 8, p.type);
    void *const d_alone = kit_typed(kit, NULL, 8, p.type);
    uint8_t *const d_place = kit_bytes(kit, NULL, 8);
    const float *y, *alone;
    const uint8_t *place;

    for (int i = 0; i < 32; i++)
        x[i] = i % 2 == 0 ? -INFINITY : -5;
    x[2 * (1 * 4 + 1) + 1] = NAN; /* in all four windows of channel 1 */
    kit->backend->maxpool_forward(kit->device, d_y, d_place,
                                  kit_typed(kit, x, 32, p.type), &p);
    kit->backend->maxpool_forward(kit->device, d_alone, NULL,
                                  kit_typed(kit, x, 32, p.type), &p);
    y = kit_read_typed(kit, d_y, 8, p.type);
    alone = kit_read_typed(kit, d_alone, 8, p.type);
    place = kit_read_bytes(kit, d_place, 8);
    for (int i = 0; i < 4; i++) {
        static const int first[] = {4, 3, 1, 0}, nan[] = {8, 6, 2, 0};

        CHECK(y[2 * i] == -INFINITY);
        CHECK_INT(place[2 * i], first[i]);
        CHECK(isnan(y[2 * i + 1]));
        CHECK(alone[2 * i] == -INFINITY && isnan(alone[2 * i + 1]));
        CHECK_INT(place[2 * i + 1], nan[i]);
    }
}

/* NaN is not hidden by larger values. */
static void test_concatpool_nan(struct kit *kit, void *data)
{
    const float x[] = {1, -INFINITY, NAN, -INFINITY, 7, -INFINITY};
    float *const y = kit_floats(kit, NULL, 4);
    int32_t *const place = kit_bytes(kit, NULL, 2 * sizeof *place);
    const struct ic_globalpool pool = {1, 3, 2, kit->type};
    const float *found;

    kit->backend->concatpool_forward(kit->device, y, place,
                                     kit_typed(kit, x, 6, pool.type), &pool);
    found = kit_read(kit, y, 4);
    CHECK(isnan(found[2]) && found[1] == -INFINITY);
    CHECK(isnan(found[0]) || found[0] == 7);
}

static void test_avgpool(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const int pixels = s->height * s->width;
    const struct ic_globalpool pool = globalpool_of(kit, s);
    const size_t out = (size_t)s->batch * (size_t)s->channels;
    const size_t in = out * (size_t)pixels;
    const float *const x = kit_rounded(kit, kit_normal(kit, in, 4), in, kit->type);
    const float *const dy = kit_normal(kit, out, 5);
    const float *const before = kit_rounded(kit, kit_normal(kit, in, 6), in, kit->type);
    float *const d_y = kit_floats(kit, NULL, out);
    void *const d_dx = kit_typed(kit, NULL, in, pool.type);
    void *const d_added = kit_typed(kit, before, in, pool.type);
    const float *const d_dy = kit_floats(kit, dy, out);
    double *const y = kit_host(kit, out, sizeof *y);
    double *const dx = kit_host(kit, in, sizeof *dx);

    for (size_t i = 0; i < in; i++) {
        const size_t n = i / (size_t)(pixels * s->channels);
        const size_t o = n * (size_t)s->channels + i % (size_t)s->channels;

        y[o] += (double)x[i] / pixels;
        dx[i] = (double)dy[o] / pixels;
    }
    kit->backend->avgpool_forward(kit->device, d_y, kit_typed(kit, x, in, pool.type),
                                  &pool);
    kit_check_close(kit, "mean", kit_read(kit, d_y, out), y, out, 1e-6);
    kit->backend->avgpool_backward(kit->device, d_dx, d_dy, &pool, false);
    kit_check_close_typed(kit, "gradient of the mean",
                          kit_read_typed(kit, d_dx, in, pool.type), dx, in, 2e-7,
                          pool.type);
    for (size_t i = 0; i < in; i++)
        dx[i] += before[i];
    kit->backend->avgpool_backward(kit->device, d_added, d_dy, &pool, true);
    kit_check_close_typed(kit, "added gradient",
                          kit_read_typed(kit, d_added, in, pool.type), dx, in, 2e-7,
                          pool.type);
}

/* x holds few distinct values, so that several pixels share a maximum. */
static void test_concatpool(struct kit *kit, void *data)
{
    const struct shape *const s = data;
    const int pixels = s->height * s->width, channels = s->channels;
    const struct ic_globalpool pool = globalpool_of(kit, s);
    const size_t features = (size_t)(s->batch * channels);
    const size_t in = features * (size_t)pixels;
    const float *const x = kit_whole(kit, in, 3, 8);
    const float *const dy = kit_normal(kit, 2 * features, 9);
    const float *const before =
        kit_rounded(kit, kit_normal(kit, in, 10), in, kit->type);
    float *const d_y = kit_floats(kit, NULL, 2 * features);
    void *const d_dx = kit_typed(kit, NULL, in, pool.type);
    void *const d_added = kit_typed(kit, before, in, pool.type);
    const float *const d_dy = kit_floats(kit, dy, 2 * features);
    int32_t *const d_place = kit_bytes(kit, NULL, features * sizeof *d_place);
    double *const y = kit_host(kit, 2 * features, sizeof *y);
    double *const dx = kit_host(kit, in, sizeof *dx);

    for (int n = 0; n < s->batch; n++)
        for (int c = 0; c < channels; c++) {
            const size_t max = (size_t)(n * 2 * channels + c);
            const size_t mean = max + (size_t)channels;
            size_t won = (size_t)(n * pixels * channels + c);

            for (int p = 0; p < pixels; p++) {
                const size_t i = (size_t)((n * pixels + p) * channels + c);

                won = x[i] > x[won] ? i : won;
                y[mean] += (double)x[i] / pixels;
                dx[i] = (double)dy[mean] / pixels;
            }
            y[max] = x[won];
            dx[won] += dy[max];
        }
    kit->backend->concatpool_forward(kit->device, d_y, d_place,
                                     kit_typed(kit, x, in, pool.type), &pool);
    kit_check_close(kit, "max and mean", kit_read(kit, d_y, 2 * features), y,
                    2 * features, 1e-6);
    kit->backend->concatpool_backward(kit->device, d_dx, d_dy, d_place, &pool, false);
    kit_check_close_typed(kit, "their gradient",
                          kit_read_typed(kit, d_dx, in, pool.type), dx, in, 2e-7,
                          pool.type);
    for (size_t i = 0; i < in; i++)
        dx[i] += before[i];
    kit->backend->concatpool_backward(kit->device, d_added, d_dy, d_place, &pool, true);
    kit_check_close_typed(kit, "added gradient",
                          kit_read_typed(kit, d_added, in, pool.type), dx, in, 2e-7,
                          pool.type);
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct shape *const s = data;
    const struct ic_pool p = pool_of(kit, s);
    const size_t in = floats_in(&p), out = floats_out(&p);
    void *const x = kit_typed(kit, kit_normal(kit, in, 7), in, p.type);
    void *const y = kit_typed(kit, NULL, out, p.type);
    uint8_t *const place = kit_bytes(kit, NULL, out);
    void *const dx = kit_typed(kit, NULL, in, p.type);
    float *const mean = kit_floats(kit, NULL, out);
    const struct ic_globalpool pool = globalpool_of(kit, s);

    kit->backend->maxpool_forward(kit->device, y, place, x, &p);
    kit->backend->maxpool_backward(kit->device, dx, y, place, &p, false);
    kit->backend->avgpool_forward(kit->device, mean, x, &pool);
    memcpy(result, kit_read_typed(kit, y, out, p.type), out * sizeof *result);
    memcpy(result + out, kit_read_typed(kit, dx, in, p.type), in * sizeof *result);
    memcpy(result + out + in, kit_read(kit, mean, (size_t)(s->batch * s->channels)),
           (size_t)(s->batch * s->channels) * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        struct shape shape = shapes[i];
        const struct ic_pool p = pool_of(&(struct kit){.type = IC_TYPE_FP32}, &shape);

        kit_types(2, test_maxpool, &shape);
        kit_types(2, test_avgpool, &shape);
        kit_types(2, test_concatpool, &shape);
        kit_run_threads(run_for_bits, &shape,
                        floats_in(&p) + floats_out(&p) +
                            (size_t)(shape.batch * shape.channels));
    }
    kit_types(2, test_special, NULL);
    kit_types(2, test_concatpool_nan, NULL);
    return check_result() | kit_result();
}
