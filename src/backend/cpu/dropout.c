/* SPDX-License-Identifier: MIT */
/*
 * Dropout as a layer of its own. It keeps no mask: backward draws the same random
 * numbers again.
 *
 * Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", JMLR
 * 2014; as everywhere today, kept elements are scaled in training, not in inference.
 */
#include "backend/cpu/cpu.h"
#include "base/random.h"

enum { PART = 1 << 10 };

struct dropout {
    float *y;
    const float *x;
    struct ic_dropout dropout;
    bool accumulate;
};

static void dropout_part(const void *args, size_t index, int thread)
{
    const struct dropout *const d = args;
    const struct ic_dropout *const s = &d->dropout;
    const size_t first = index * PART, count = ic_min(PART, s->count - first);
    const float scale = 1 / (1 - s->rate);
    struct ic_random random;

    ic_random_init(&random, s->seed, IC_RANDOM_DROPOUT, s->step, s->layer);
    ic_random_skip(&random, (uint32_t)((s->first + first) / 4));
    for (size_t i = 0; i < (s->first + first) % 4; i++)
        ic_random_u32(&random);
    for (size_t i = first; i < first + count; i++) {
        const bool kept = ic_random_uniform(&random) >= (double)s->rate;
        const float value = kept ? d->x[i] * scale : 0;

        d->y[i] = d->accumulate ? d->y[i] + value : value;
    }
}

void ic_cpu_dropout(struct ic_device *device, float *y, const float *x,
                    const struct ic_dropout *dropout, bool accumulate)
{
    const struct dropout d = {y, x, *dropout, accumulate};

    ic_cpu_run(device, ic_parts(dropout->count, PART), dropout_part, &d);
}
