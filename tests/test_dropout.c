/* SPDX-License-Identifier: MIT */
/*
 * ReLU and dropout are exact, since both only select and scale. The mask is drawn here
 * one number after the other, as base/random.h defines them.
 */
#include "base/random.h"
#include "check.h"
#include "kit.h"

static const size_t sizes[] = {1, 3, 4, 5, 4095, 4096, 4097, 20001};

enum { SIZES = sizeof sizes / sizeof *sizes };

static void test_relu(struct kit *kit, void *data)
{
    const size_t count = *(const size_t *)data;
    const float *const x = kit_whole(kit, count, 2, 1);
    const float *const dy = kit_normal(kit, count, 2);
    float *const d_x = kit_floats(kit, x, count), *const d_dy =
                                                      kit_floats(kit, dy, count);
    float *const d_y = kit_floats(kit, NULL, count);
    float *const d_dx = kit_floats(kit, NULL, count);
    double *const y = kit_host(kit, count, sizeof *y);
    double *const dx = kit_host(kit, count, sizeof *dx);

    for (size_t i = 0; i < count; i++) {
        y[i] = x[i] > 0 ? x[i] : 0;
        dx[i] = x[i] > 0 ? dy[i] : 0;
    }
    kit->backend->relu_forward(kit->device, d_y, d_x, count);
    kit_check_equal(kit, "relu", kit_read(kit, d_y, count), y, count);
    kit->backend->relu_backward(kit->device, d_dx, d_dy, d_y, count, false);
    kit_check_equal(kit, "its gradient", kit_read(kit, d_dx, count), dx, count);
    for (size_t i = 0; i < count; i++)
        dx[i] = (float)dx[i] + (float)dx[i];
    kit->backend->relu_backward(kit->device, d_dx, d_dy, d_y, count, true);
    kit_check_equal(kit, "added gradient", kit_read(kit, d_dx, count), dx, count);
    kit->backend->relu_forward(kit->device, d_x, d_x, count);
    kit_check_equal(kit, "relu in place", kit_read(kit, d_x, count), y, count);
}

static void test_relu_nan(struct kit *kit, void *data)
{
    const float x[] = {NAN, INFINITY, -INFINITY};
    float *const y = kit_floats(kit, NULL, 3);
    const float *found;

    kit->backend->relu_forward(kit->device, y, kit_floats(kit, x, 3), 3);
    found = kit_read(kit, y, 3);
    CHECK(isnan(found[0]) && found[1] == INFINITY && found[2] == 0);
}

static struct ic_dropout dropout_of(size_t count, float rate)
{
    return (struct ic_dropout){
        .count = count, .rate = rate, .seed = 0x123456789abcdef, .step = 7, .layer = 3};
}

static void test_dropout(struct kit *kit, void *data)
{
    static const float rates[] = {0, 0.25f, 0.5f, 0.75f};
    const size_t count = *(const size_t *)data;
    const float *const x = kit_whole(kit, count, 50, 1);
    float *const d_x = kit_floats(kit, x, count);
    double *const y = kit_host(kit, count, sizeof *y);

    for (int k = 0; k < 4; k++) {
        const struct ic_dropout dropout = dropout_of(count, rates[k]);
        float *const d_y = kit_floats(kit, NULL, count);
        float *const in_place = kit_floats(kit, x, count);
        struct ic_random random;
        size_t kept = 0;

        ic_random_init(&random, dropout.seed, IC_RANDOM_DROPOUT, 7, 3);
        for (size_t i = 0; i < count; i++) {
            const bool keep = ic_random_uniform(&random) >= rates[k];

            kept += keep;
            y[i] = !keep            ? 0
                   : kit->reference ? (float)(x[i] / (1 - (double)rates[k]))
                                    : x[i] * (1 / (1 - rates[k]));
        }
        if (count > 20000)
            CHECK_NEAR((double)kept / (double)count, 1 - rates[k], 0.02);
        kit->backend->dropout(kit->device, d_y, d_x, &dropout, false);
        kit_check_equal(kit, "dropout", kit_read(kit, d_y, count), y, count);
        kit->backend->dropout(kit->device, in_place, in_place, &dropout, false);
        kit_check_equal(kit, "in place", kit_read(kit, in_place, count), y, count);
        kit->backend->dropout(kit->device, d_y, d_x, &dropout, true);
        for (size_t i = 0; i < count; i++)
            y[i] = (float)(2 * y[i]);
        kit_check_equal(kit, "added", kit_read(kit, d_y, count), y, count);
    }
}

/* A part of a batch, wherever it begins, drops the same elements as the whole batch. */
static void test_parts(struct kit *kit, void *data)
{
    static const size_t cuts[] = {0, 1, 6, 9, 4096, 4103, 9001, 10000};
    const size_t count = 10000;
    const float *const x = kit_whole(kit, count, 50, 1);
    const struct ic_dropout whole = dropout_of(count, 0.5f);
    float *const y = kit_floats(kit, NULL, count);
    float *const parts = kit_floats(kit, x, count);

    kit->backend->dropout(kit->device, y, kit_floats(kit, x, count), &whole, false);
    for (int i = 0; i < 7; i++) {
        struct ic_dropout part = dropout_of(cuts[i + 1] - cuts[i], 0.5f);

        part.first = cuts[i];
        kit->backend->dropout(kit->device, parts + cuts[i], parts + cuts[i], &part,
                              false);
    }
    CHECK(memcmp(kit_read(kit, parts, count), kit_read(kit, y, count),
                 count * sizeof *x) == 0);
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const size_t count = *(const size_t *)data;
    const struct ic_dropout dropout = dropout_of(count, 0.3f);
    float *const y = kit_floats(kit, NULL, count);

    kit->backend->dropout(kit->device, y,
                          kit_floats(kit, kit_normal(kit, count, 4), count), &dropout,
                          false);
    memcpy(result, kit_read(kit, y, count), count * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SIZES; i++) {
        size_t size = sizes[i];

        kit_run(2, test_relu, &size);
        kit_run(2, test_dropout, &size);
        kit_run_threads(run_for_bits, &size, size);
    }
    kit_run(1, test_relu_nan, NULL);
    kit_run(2, test_parts, NULL);
    return check_result() | kit_result();
}
