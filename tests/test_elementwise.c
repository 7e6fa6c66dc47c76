/* SPDX-License-Identifier: MIT */
/*
 * Fill, the normalisation of plain and mixed pictures in each type, the sum of squares,
 * and the moving average.
 */
#include "check.h"
#include "kit.h"

static const size_t sizes[] = {0, 1, 3, 15, 16, 17, 4096, 65535, 65537, 1100003};

enum { SIZES = sizeof sizes / sizeof *sizes };

static void test_fill(struct kit *kit, void *data)
{
    for (int i = 0; i < SIZES; i++) {
        float *const x = kit_floats(kit, NULL, sizes[i]);
        const float *found;
        size_t wrong = 0;

        kit->backend->fill(kit->device, x, -2.5f, sizes[i]);
        found = kit_read(kit, x, sizes[i]);
        for (size_t j = 0; j < sizes[i]; j++)
            wrong += found[j] != -2.5f;
        CHECK_INT(wrong, 0);
    }
}

/* Every byte value in every channel, by the same operations in float. */
static void test_normalize(struct kit *kit, void *data)
{
    static const float mean[3] = {0.485f, 0.456f, 0.406f};
    static const float std[3] = {0.229f, 0.224f, 0.225f};
    const size_t pixels = 20011;
    uint8_t *const rgb = kit_host(kit, pixels, 3);
    void *const x = kit_typed(kit, NULL, 3 * pixels, kit->type);
    const double rounding = kit->type == IC_TYPE_BF16 ? 0x1p-8 : 0;
    const float *found;
    size_t wrong = 0;

    for (size_t i = 0; i < 3 * pixels; i++)
        rgb[i] = (uint8_t)(i * 31 + i / 768);
    kit->backend->normalize(kit->device, x, kit_bytes(kit, rgb, 3 * pixels), mean, std,
                            pixels, kit->type);
    found = kit_read_typed(kit, x, 3 * pixels, kit->type);
    for (size_t i = 0; i < 3 * pixels; i++) {
        const double exact = ((double)rgb[i] / 255 - mean[i % 3]) / std[i % 3];

        wrong += !(fabs(found[i] - exact) < 1e-6 + rounding * fabs(exact));
    }
    CHECK_INT(wrong, 0);
}

/* Shares from 0 to 1; a share of 1 gives the result of plain normalisation. */
static void test_normalize_mixed(struct kit *kit, void *data)
{
    static const float mean[3] = {0.485f, 0.456f, 0.406f};
    static const float std[3] = {0.229f, 0.224f, 0.225f};
    static const float share[] = {1, 0.75f, 0, 0.6180339f, 0.5f};
    const size_t pixels = 1009, count = 5 * 3 * pixels;
    uint8_t *const rgb = kit_host(kit, count, 1), *const other =
                                                      kit_host(kit, count, 1);
    double *const exact = kit_host(kit, count, sizeof *exact);
    void *const x = kit_typed(kit, NULL, count, kit->type);
    void *const plain = kit_typed(kit, NULL, 3 * pixels, kit->type);

    for (size_t i = 0; i < count; i++) {
        const double s = share[i / (3 * pixels)];

        rgb[i] = (uint8_t)(i * 31 + i / 768);
        other[i] = (uint8_t)(i * 17 + i / 501);
        exact[i] = s * (rgb[i] / 255.0 - mean[i % 3]) / std[i % 3] +
                   (1 - s) * (other[i] / 255.0 - mean[i % 3]) / std[i % 3];
    }
    kit->backend->normalize_mixed(
        kit->device, x, kit_bytes(kit, rgb, count), kit_bytes(kit, other, count),
        kit_floats(kit, share, 5), mean, std, 5, pixels, kit->type);
    kit_check_close_typed(kit, "mixed pictures",
                          kit_read_typed(kit, x, count, kit->type), exact, count, 2e-7,
                          kit->type);
    kit->backend->normalize(kit->device, plain, kit_bytes(kit, rgb, 3 * pixels), mean,
                            std, pixels, kit->type);
    CHECK(memcmp(kit_read_typed(kit, x, 3 * pixels, kit->type),
                 kit_read_typed(kit, plain, 3 * pixels, kit->type),
                 3 * pixels * sizeof(float)) == 0);
}

static void test_sum_squares(struct kit *kit, void *data)
{
    for (int i = 0; i < SIZES; i++) {
        const float *const x = kit_normal(kit, sizes[i], 1);
        const float *const whole = kit_whole(kit, sizes[i], 100, 2);
        const double expected = kit_dot(x, x, sizes[i]);

        CHECK_NEAR(kit->backend->sum_squares(kit->device, kit_floats(kit, x, sizes[i]),
                                             sizes[i]),
                   expected, 1e-12 * expected);
        CHECK(kit->backend->sum_squares(kit->device, kit_floats(kit, whole, sizes[i]),
                                        sizes[i]) == kit_dot(whole, whole, sizes[i]));
    }
}

/* One element that is not finite shows; squares beyond float do not overflow. */
static void test_not_finite(struct kit *kit, void *data)
{
    const size_t count = 5001;
    float *const x = kit_normal(kit, count, 3);

    for (size_t at = 0; at < count; at += 1250) {
        const float was = x[at];

        x[at] = NAN;
        CHECK(isnan(
            kit->backend->sum_squares(kit->device, kit_floats(kit, x, count), count)));
        x[at] = -INFINITY;
        CHECK(isinf(
            kit->backend->sum_squares(kit->device, kit_floats(kit, x, count), count)));
        x[at] = was;
    }
    x[0] = 1e30f;
    CHECK_NEAR(
        kit->backend->sum_squares(kit->device, kit_floats(kit, x, count), count) / 1e60,
        1, 1e-6);
}

static void test_add(struct kit *kit, void *data)
{
    for (int i = 0; i < SIZES; i++) {
        const size_t count = sizes[i];
        double *const expected = kit_host(kit, count, sizeof *expected);
        const float *const a = kit_normal(kit, count, 7), *b = kit_normal(kit, count, 8);
        float *const sum = kit_floats(kit, a, count);

        for (size_t j = 0; j < count; j++)
            expected[j] = (float)((double)a[j] + b[j]);
        kit->backend->add(kit->device, sum, kit_floats(kit, b, count), count);
        kit_check_equal(kit, "the sum", kit_read(kit, sum, count), expected, count);
    }
}

/* Many steps towards changing numbers, against the same steps in double. */
static void test_average(struct kit *kit, void *data)
{
    const float share = 0.01f;

    for (int i = 0; i < SIZES; i++) {
        const size_t count = sizes[i];
        double *const expected = kit_host(kit, count, sizeof *expected);
        float *const mean = kit_floats(kit, kit_host(kit, count, sizeof *mean), count);

        for (int step = 0; step < 8; step++) {
            const float *const x = kit_normal(kit, count, (uint64_t)(20 + step));
            const float part = step == 0 ? 1 : share;

            for (size_t j = 0; j < count; j++)
                expected[j] = (1 - (double)part) * expected[j] + (double)part * x[j];
            kit->backend->average(kit->device, mean, kit_floats(kit, x, count), part,
                                  count);
            if (step == 0)
                CHECK(kit_equal(kit_read(kit, mean, count), expected, count));
        }
        kit_check_close(kit, "the average", kit_read(kit, mean, count), expected, count,
                        1e-6);
    }
}

/* A value that equals its mean stays, whatever the share. */
static void test_average_rests(struct kit *kit, void *data)
{
    const size_t count = 30001;
    const float *const x = kit_normal(kit, count, 5);
    float *const mean = kit_floats(kit, x, count);

    for (int step = 1; step < 20; step++)
        kit->backend->average(kit->device, mean, kit_floats(kit, x, count),
                              0.3f / (float)step, count);
    CHECK(memcmp(kit_read(kit, mean, count), x, count * sizeof *x) == 0);
}

enum { BITS = 100003, SUM = sizeof(double) / sizeof(float) };

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const float *const x = kit_floats(kit, kit_normal(kit, BITS, 4), BITS);
    float *const mean = kit_floats(kit, kit_normal(kit, BITS, 6), BITS);
    const double sum = kit->backend->sum_squares(kit->device, x, BITS);

    memcpy(result, &sum, sizeof sum);
    kit->backend->average(kit->device, mean, x, 0.1f, BITS);
    memcpy(result + SUM, kit_read(kit, mean, BITS), BITS * sizeof *result);
}

int main(void)
{
    kit_run(2, test_fill, NULL);
    kit_types(2, test_normalize, NULL);
    kit_types(2, test_normalize_mixed, NULL);
    kit_run(2, test_sum_squares, NULL);
    kit_run(2, test_not_finite, NULL);
    kit_run(2, test_add, NULL);
    kit_run(2, test_average, NULL);
    kit_run(2, test_average_rests, NULL);
    kit_run_threads(run_for_bits, NULL, SUM + BITS);
    return check_result() | kit_result();
}
