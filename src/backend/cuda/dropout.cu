/* SPDX-License-Identifier: MIT */
/*
 * Dropout, with the CPU's masks: a thread draws one block of four numbers of the stream
 * that base/random.h describes, and takes the elements that they belong to. Backward
 * draws the same numbers again.
 */
#include "backend/cuda/cuda.h"
#include "base/philox.h"

#ifdef __cplusplus
extern "C" {
#endif
#include "base/random.h"
#ifdef __cplusplus
}
#endif

struct dropout {
    float *y;
    const float *x;
    struct ic_dropout dropout;
    bool accumulate;
};

/* The i-th of the blocks whose numbers the elements take. */
IC_EVERYWHERE void drop_block(const struct dropout *d, size_t i)
{
    const struct ic_dropout *const s = &d->dropout;
    const size_t block = s->first / 4 + i;
    const uint32_t key[2] = {(uint32_t)s->seed, (uint32_t)(s->seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)block, s->layer, s->step, IC_RANDOM_DROPOUT};
    const float scale = 1 / (1 - s->rate);
    uint32_t numbers[4];

    ic_philox4x32(numbers, counter, key);
    for (size_t j = 0; j < 4; j++) {
        const size_t number = 4 * block + j; /* of the stream */
        const size_t at = number - s->first;
        const bool kept = numbers[j] * (1.0 / 4294967296.0) >= (double)s->rate;

        if (number >= s->first && at < s->count) {
            const float value = kept ? d->x[at] * scale : 0;

            d->y[at] = d->accumulate ? d->y[at] + value : value;
        }
    }
}

IC_KERNEL(drop_block, struct dropout)

void ic_cuda_dropout(struct ic_device *device, float *y, const float *x,
                     const struct ic_dropout *dropout, bool accumulate)
{
    const struct dropout d = {y, x, *dropout, accumulate};

    drop_block_each(device, ic_parts(dropout->first % 4 + dropout->count, 4), &d);
}
