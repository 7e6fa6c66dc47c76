/* SPDX-License-Identifier: MIT */
/*
 * Adam and SGD over several spans with different rates and decays: many steps against
 * the same computation in double, no change outside the spans, the same bits for any
 * number of threads.
 */
#include "check.h"
#include "kit.h"

enum { BLOCK = 70000, STEPS = 12 };

/* Offsets that are not multiples of a vector, a gap, an empty span, one long span. */
static const struct ic_update_span spans[] = {
    {0, 1, 0.01f, 0.0f},    {1, 6, 0.02f, 0.1f},       {7, 0, 0.1f, 0.1f},
    {9, 33, 0.003f, 0.01f}, {100, 60001, 0.01f, 0.2f}, {61000, 8999, 0.0f, 0.1f},
};

enum { SPANS = sizeof spans / sizeof *spans };

static bool in_span(size_t i)
{
    for (int s = 0; s < SPANS; s++)
        if (i >= spans[s].offset && i < spans[s].offset + spans[s].count)
            return true;
    return false;
}

/* Every second step scales the gradient, as clipping does. */
static float factor_at(int step)
{
    return step % 2 == 0 ? 0.3f : 1;
}

/* beta1 falls from step to step, as in one-cycle. */
static struct ic_adam adam_at(int step)
{
    const double beta1 = 0.95 - 0.005 * step, beta2 = 0.99;

    return (struct ic_adam){.beta1 = beta1,
                            .beta2 = beta2,
                            .epsilon = 1e-5f,
                            .correction1 = (float)(1 - pow(beta1, step)),
                            .correction2 = (float)(1 - pow(beta2, step)),
                            .factor = factor_at(step)};
}

struct state {
    double *p, *m, *v;
};

static struct state state_of(struct kit *kit, const float *p)
{
    const struct state s = {kit_host(kit, BLOCK, sizeof(double)),
                            kit_host(kit, BLOCK, sizeof(double)),
                            kit_host(kit, BLOCK, sizeof(double))};

    for (size_t i = 0; i < BLOCK; i++)
        s.p[i] = p[i];
    return s;
}

static void adam_reference(struct state *s, const float *g, const struct ic_adam *a)
{
    for (int k = 0; k < SPANS; k++) {
        const double rate = spans[k].rate, decay = spans[k].weight_decay;

        for (size_t i = spans[k].offset; i < spans[k].offset + spans[k].count; i++) {
            const double d = (double)a->factor * g[i];

            s->m[i] = a->beta1 * s->m[i] + (1 - a->beta1) * d;
            s->v[i] = a->beta2 * s->v[i] + (1 - a->beta2) * d * d;
            s->p[i] *= 1 - rate * decay;
            s->p[i] -= rate * (s->m[i] / a->correction1) /
                       (sqrt(s->v[i] / a->correction2) + a->epsilon);
        }
    }
}

static void sgd_reference(struct state *s, const float *g, const struct ic_sgd *sgd)
{
    for (int k = 0; k < SPANS; k++) {
        const double rate = spans[k].rate, decay = spans[k].weight_decay;

        for (size_t i = spans[k].offset; i < spans[k].offset + spans[k].count; i++) {
            s->m[i] = (double)sgd->momentum * s->m[i] + (double)sgd->factor * g[i];
            s->p[i] = s->p[i] * (1 - rate * decay) - rate * s->m[i];
        }
    }
}

static void check_untouched(const float *found, const float *before)
{
    for (size_t i = 0; i < BLOCK; i++) {
        if (in_span(i) || found[i] == before[i])
            continue;
        CHECK_FAIL("element %zu is in no span and was changed", i);
        return;
    }
}

static void test_adam(struct kit *kit, void *data)
{
    const float *const before = kit_normal(kit, BLOCK, 1);
    const float *const zero = kit_host(kit, BLOCK, sizeof *zero);
    float *const p = kit_floats(kit, before, BLOCK);
    float *const m = kit_floats(kit, zero, BLOCK);
    float *const v = kit_floats(kit, zero, BLOCK);
    struct state s = state_of(kit, before);

    for (int step = 1; step <= STEPS; step++) {
        const struct ic_adam adam = adam_at(step);
        const float *const g = kit_normal(kit, BLOCK, (uint64_t)(10 + step));

        adam_reference(&s, g, &adam);
        kit->backend->adam_step(kit->device, p, m, v, kit_floats(kit, g, BLOCK), spans,
                                SPANS, &adam);
    }
    kit_check_close(kit, "Adam's parameters", kit_read(kit, p, BLOCK), s.p, BLOCK,
                    5e-7);
    kit_check_close(kit, "Adam's mean", kit_read(kit, m, BLOCK), s.m, BLOCK, 2e-7);
    kit_check_close(kit, "Adam's square", kit_read(kit, v, BLOCK), s.v, BLOCK, 2e-7);
    check_untouched(kit_read(kit, p, BLOCK), before);
    check_untouched(kit_read(kit, m, BLOCK), zero);
    check_untouched(kit_read(kit, v, BLOCK), zero);
}

static void test_sgd(struct kit *kit, void *data)
{
    const float *const before = kit_normal(kit, BLOCK, 2);
    const float *const zero = kit_host(kit, BLOCK, sizeof *zero);
    float *const p = kit_floats(kit, before, BLOCK);
    float *const m = kit_floats(kit, zero, BLOCK);
    struct state s = state_of(kit, before);

    for (int step = 1; step <= STEPS; step++) {
        const struct ic_sgd sgd = {.momentum = 0.9f, .factor = factor_at(step)};
        const float *const g = kit_normal(kit, BLOCK, (uint64_t)(50 + step));

        sgd_reference(&s, g, &sgd);
        kit->backend->sgd_step(kit->device, p, m, kit_floats(kit, g, BLOCK), spans,
                               SPANS, &sgd);
    }
    kit_check_close(kit, "SGD's parameters", kit_read(kit, p, BLOCK), s.p, BLOCK, 5e-7);
    kit_check_close(kit, "SGD's velocity", kit_read(kit, m, BLOCK), s.m, BLOCK, 1e-6);
    check_untouched(kit_read(kit, p, BLOCK), before);
    check_untouched(kit_read(kit, m, BLOCK), zero);
}

/* With a gradient of zero only the decay changes a fresh parameter, and nothing is
 * divided by zero. Without spans nothing changes. */
static void test_zero(struct kit *kit, void *data)
{
    const struct ic_adam adam = adam_at(1);
    const struct ic_update_span span = {0, 3, 0.5f, 0.5f};
    const float *const before = kit_whole(kit, 3, 9, 3);
    float *const zero = kit_host(kit, 3, sizeof *zero);
    float *const p = kit_floats(kit, before, 3);
    float *const m = kit_floats(kit, zero, 3), *const v = kit_floats(kit, zero, 3);
    const float *const g = kit_floats(kit, zero, 3);
    const float *after;

    kit->backend->adam_step(kit->device, p, m, v, g, &span, 0, &adam);
    CHECK(memcmp(kit_read(kit, p, 3), before, 3 * sizeof *before) == 0);
    kit->backend->adam_step(kit->device, p, m, v, g, &span, 1, &adam);
    after = kit_read(kit, p, 3);
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(after[i], 0.75 * before[i], 1e-6);
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct ic_adam adam = adam_at(3);
    const float *const zero = kit_host(kit, BLOCK, sizeof *zero);
    const float *const g = kit_floats(kit, kit_normal(kit, BLOCK, 4), BLOCK);
    float *const p = kit_floats(kit, kit_normal(kit, BLOCK, 5), BLOCK);
    float *const m = kit_floats(kit, zero, BLOCK), *const v =
                                                       kit_floats(kit, zero, BLOCK);

    for (int step = 0; step < 3; step++)
        kit->backend->adam_step(kit->device, p, m, v, g, spans, SPANS, &adam);
    memcpy(result, kit_read(kit, p, BLOCK), BLOCK * sizeof *result);
}

int main(void)
{
    kit_run(2, test_adam, NULL);
    kit_run(2, test_sgd, NULL);
    kit_run(2, test_zero, NULL);
    kit_run_threads(run_for_bits, NULL, BLOCK);
    return check_result() | kit_result();
}
