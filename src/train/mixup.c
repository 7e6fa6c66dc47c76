/* SPDX-License-Identifier: MIT */
/*
 * Draws the partners and shares of a batch. See mixup.h; the network does the mixing.
 */
#include "train/mixup.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"

ic_status ic_mixup_open(struct ic_mixup *mixup, double alpha, int batch,
                        struct ic_error *error)
{
    const size_t count = (size_t)batch;

    *mixup = (struct ic_mixup){.alpha = alpha, .batch = batch};
    mixup->partners = calloc(count, sizeof *mixup->partners);
    mixup->share = calloc(count, sizeof *mixup->share);
    mixup->rgb = calloc(count, sizeof *mixup->rgb);
    mixup->labels = calloc(count, sizeof *mixup->labels);
    if (mixup->partners != NULL && mixup->share != NULL && mixup->rgb != NULL &&
        mixup->labels != NULL)
        return IC_OK;
    ic_mixup_close(mixup);
    return ic_fail_memory(error, "the partners of a batch",
                          count * sizeof *mixup->partners);
}

void ic_mixup_close(struct ic_mixup *mixup)
{
    free(mixup->partners);
    free(mixup->share);
    free(mixup->rgb);
    free(mixup->labels);
    *mixup = (struct ic_mixup){0};
}

void ic_mixup_draw(struct ic_mixup *mixup, uint64_t seed, int64_t step,
                   const struct ic_batch *batch, int size)
{
    const size_t picture = 3 * (size_t)size * (size_t)size;
    const uint32_t count = (uint32_t)batch->count;
    struct ic_random random;

    assert(batch->count <= mixup->batch && batch->own == batch->count);
    ic_random_init(&random, seed, IC_RANDOM_MIXUP, (uint32_t)step, 0);
    ic_random_permutation(&random, mixup->partners, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t partner = mixup->partners[i];
        double x;

        ic_random_init(&random, seed, IC_RANDOM_MIXUP, (uint32_t)step, 1 + i);
        x = ic_random_beta(&random, mixup->alpha);
        mixup->share[i] = (float)fmax(x, 1 - x);
        mixup->rgb[i] = batch->rgb + partner * picture;
        mixup->labels[i] = batch->labels[partner];
    }
}

struct ic_mix ic_mixup_from(const struct ic_mixup *mixup, int first)
{
    return (struct ic_mix){.share = mixup->share + first,
                           .rgb = mixup->rgb + first,
                           .labels = mixup->labels + first};
}
