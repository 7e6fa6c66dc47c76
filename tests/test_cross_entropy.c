/* SPDX-License-Identifier: MIT */
/*
 * Cross-entropy, plain, of mixed pictures and with class weights: against the
 * reference and central differences, with logits far from zero, and with logits that
 * are not finite.
 */
#include "check.h"
#include "kit.h"
#include "reference.h"

static const struct ic_cross_entropy shapes[] = {
    {1, 1, 0, 1},       {1, 2, 0, 5},          {3, 2, 0.1f, 3}, {5, 37, 0, 5},
    {16, 37, 0.1f, 64}, {7, 1000, 0.05f, 200}, {2, 3, 1, 2},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

struct problem {
    size_t batch, classes, count;
    float *logits;
    int32_t *labels, *others; /* others and share: NULL when not mixed */
    float *share;
    float *class_weight; /* NULL when all classes count alike */
};

static struct problem problem_of(struct kit *kit, const struct ic_cross_entropy *shape)
{
    struct problem p = {.batch = (size_t)shape->batch,
                        .classes = (size_t)shape->classes};

    p.count = p.batch * p.classes;
    p.logits = kit_normal(kit, p.count, 1);
    p.labels = kit_host(kit, p.batch, sizeof *p.labels);
    for (size_t n = 0; n < p.batch; n++)
        p.labels[n] = (int32_t)((n * 7 + 1) % p.classes);
    return p;
}

/* Mixes the pictures: with themselves and with others, by shares from 0 to 1. */
static void mix(struct kit *kit, struct problem *p)
{
    p->others = kit_host(kit, p->batch, sizeof *p->others);
    p->share = kit_host(kit, p->batch, sizeof *p->share);
    for (size_t n = 0; n < p->batch; n++) {
        p->others[n] = (int32_t)((n * 5 + n / 2) % p->classes);
        p->share[n] = n == 1 ? 0 : n == 2 ? 1 : 0.9f - 0.05f * (float)(n % 16);
    }
}

/* Weighs the classes: some by 0, some by more than 1. */
static void weigh(struct kit *kit, struct problem *p)
{
    p->class_weight = kit_host(kit, p->classes, sizeof *p->class_weight);
    for (size_t j = 0; j < p->classes; j++)
        p->class_weight[j] = j % 5 == 3 ? 0 : 0.3f + 0.45f * (float)(j % 4);
}

/* The kernel's results; dlogits is left out when ret_dlogits is NULL. */
static float *run_kernel(struct kit *kit, const struct ic_cross_entropy *shape,
                         const struct problem *p, float **ret_dlogits)
{
    float *const loss = kit_floats(kit, NULL, p->batch);
    float *const dlogits = ret_dlogits ? kit_floats(kit, NULL, p->count) : NULL;

    kit->backend->cross_entropy(
        kit->device, loss, dlogits, kit_floats(kit, p->logits, p->count),
        kit_bytes(kit, p->labels, p->batch * sizeof *p->labels),
        p->others ? kit_bytes(kit, p->others, p->batch * sizeof *p->others) : NULL,
        p->share ? kit_floats(kit, p->share, p->batch) : NULL,
        p->class_weight ? kit_floats(kit, p->class_weight, p->classes) : NULL, shape);
    if (ret_dlogits != NULL)
        *ret_dlogits = kit_read(kit, dlogits, p->count);
    return kit_read(kit, loss, p->batch);
}

static void check_against_reference(struct kit *kit,
                                    const struct ic_cross_entropy *shape,
                                    const struct problem *p)
{
    double *const loss = kit_host(kit, p->batch, sizeof *loss);
    double *const dlogits = kit_host(kit, p->count, sizeof *dlogits);
    float *found;

    reference_cross_entropy(loss, dlogits, p->logits, p->labels, p->others, p->share,
                            p->class_weight, shape);
    kit_check_close(kit, "loss", run_kernel(kit, shape, p, NULL), loss, p->batch, 1e-7);
    kit_check_close(kit, "loss", run_kernel(kit, shape, p, &found), loss, p->batch,
                    1e-7);
    kit_check_close(kit, "dlogits", found, dlogits, p->count, 1e-7);
    for (size_t n = 0; n < p->batch; n++) {
        double sum = 0;

        for (size_t j = 0; j < p->classes; j++)
            sum += found[n * p->classes + j];
        CHECK_NEAR(sum, 0, 1e-7);
    }
}

static void test_normal(struct kit *kit, void *data)
{
    struct problem p = problem_of(kit, data);

    check_against_reference(kit, data, &p);
    mix(kit, &p);
    check_against_reference(kit, data, &p);
    weigh(kit, &p);
    check_against_reference(kit, data, &p);
    p.share = NULL;
    p.others = NULL;
    check_against_reference(kit, data, &p);
}

/* Weights of 1 give the bits of no weights, and a weight of 0 a loss of 0. */
static void test_weights_of_one(struct kit *kit, void *data)
{
    const struct ic_cross_entropy *shape = data;
    struct problem p = problem_of(kit, shape);
    float *plain, *weighted, *loss;
    const float *plain_loss;

    mix(kit, &p);
    plain_loss = run_kernel(kit, shape, &p, &plain);
    p.class_weight = kit_host(kit, p.classes, sizeof *p.class_weight);
    for (size_t j = 0; j < p.classes; j++)
        p.class_weight[j] = 1;
    CHECK(memcmp(run_kernel(kit, shape, &p, &weighted), plain_loss,
                 p.batch * sizeof *plain_loss) == 0);
    CHECK(memcmp(weighted, plain, p.count * sizeof *plain) == 0);
    memset(p.class_weight, 0, p.classes * sizeof *p.class_weight);
    loss = run_kernel(kit, shape, &p, &weighted);
    for (size_t n = 0; n < p.batch; n++)
        CHECK(loss[n] == 0 && weighted[n * p.classes] == 0);
}

static void test_far_from_zero(struct kit *kit, void *data)
{
    const struct problem p = problem_of(kit, data);

    for (size_t i = 0; i < p.count; i++)
        p.logits[i] = p.logits[i] * 300 + 10000;
    check_against_reference(kit, data, &p);
    for (size_t i = 0; i < p.count; i++)
        p.logits[i] = -p.logits[i];
    check_against_reference(kit, data, &p);
}

/* The mean loss of the reference. */
static double mean_loss(struct kit *kit, const struct ic_cross_entropy *shape,
                        const struct problem *p)
{
    double *const loss = kit_host(kit, p->batch, sizeof *loss);
    double *const dlogits = kit_host(kit, p->count, sizeof *dlogits);
    double mean = 0;

    reference_cross_entropy(loss, dlogits, p->logits, p->labels, p->others, p->share,
                            p->class_weight, shape);
    for (size_t n = 0; n < p->batch; n++)
        mean += loss[n] / shape->whole;
    return mean;
}

static void test_differences(struct kit *kit, void *data)
{
    struct ic_cross_entropy shape = {4, 6, 0.2f, 5};
    struct problem p = problem_of(kit, &shape);
    float *dlogits;

    mix(kit, &p);
    weigh(kit, &p);
    run_kernel(kit, &shape, &p, &dlogits);
    for (size_t i = 0; i < p.count; i++) {
        const float was = p.logits[i];
        const float up = was + 0.01f, down = was - 0.01f;
        double rise;

        p.logits[i] = up;
        rise = mean_loss(kit, &shape, &p);
        p.logits[i] = down;
        rise -= mean_loss(kit, &shape, &p);
        p.logits[i] = was;
        CHECK_NEAR(dlogits[i], rise / ((double)up - down), 2e-6);
    }
}

/* A NaN loss must show, and only for its picture. */
static void test_not_finite(struct kit *kit, void *data)
{
    const struct ic_cross_entropy shape = {4, 3, 0, 4};
    const struct problem p = problem_of(kit, &shape);
    const float *loss;

    p.logits[1] = NAN;
    p.logits[3] = INFINITY;
    p.logits[6] = -INFINITY; /* another class than the label: harmless */
    p.labels[2] = 1;
    loss = run_kernel(kit, &shape, &p, NULL);
    CHECK(isnan(loss[0]));
    CHECK(!isfinite(loss[1]));
    CHECK(isfinite(loss[3]));
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct problem p = problem_of(kit, data);
    float *dlogits;

    memcpy(result, run_kernel(kit, data, &p, &dlogits), p.batch * sizeof *result);
    memcpy(result + p.batch, dlogits, p.count * sizeof *result);
}

int main(void)
{
    for (int i = 0; i < SHAPES; i++) {
        struct ic_cross_entropy s = shapes[i];

        kit_run(2, test_normal, &s);
        kit_run(2, test_far_from_zero, &s);
        kit_run(2, test_weights_of_one, &s);
        kit_run_threads(run_for_bits, &s, (size_t)s.batch * (size_t)(s.classes + 1));
    }
    kit_run(2, test_differences, NULL);
    kit_run(2, test_not_finite, NULL);
    return check_result() | kit_result();
}
