/* SPDX-License-Identifier: MIT */
/*
 * Draws the partners and shares of a batch. See mixup.h; the network does the mixing.
 */
#include "train/mixup.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"

size_t ic_mixup_picture_bytes(const struct ic_mixup_options *options)
{
    const size_t side = (size_t)options->size;

    return options->cutmix ? (size_t)options->micro * 3 * side * side : 0;
}

ic_status ic_mixup_open(struct ic_mixup *mixup, const struct ic_mixup_options *options,
                        struct ic_error *error)
{
    const size_t count = (size_t)options->batch;
    const size_t pictures = ic_mixup_picture_bytes(options);

    *mixup = (struct ic_mixup){.alpha = options->alpha,
                               .cutmix = options->cutmix,
                               .batch = options->batch,
                               .size = options->size};
    mixup->partners = calloc(count, sizeof *mixup->partners);
    mixup->share = calloc(count, sizeof *mixup->share);
    mixup->rgb = calloc(count, sizeof *mixup->rgb);
    mixup->labels = calloc(count, sizeof *mixup->labels);
    if (pictures > 0)
        mixup->cut_pictures = malloc(pictures);
    if (mixup->partners != NULL && mixup->share != NULL && mixup->rgb != NULL &&
        mixup->labels != NULL && (pictures == 0 || mixup->cut_pictures != NULL))
        return IC_OK;
    ic_mixup_close(mixup);
    return ic_fail_memory(error, "the partners of a batch",
                          count * sizeof *mixup->partners + pictures);
}

void ic_mixup_close(struct ic_mixup *mixup)
{
    free(mixup->partners);
    free(mixup->share);
    free(mixup->rgb);
    free(mixup->labels);
    free(mixup->cut_pictures);
    *mixup = (struct ic_mixup){0};
}

static float draw_share(const struct ic_mixup *mixup, uint64_t seed, int64_t step,
                        uint32_t picture)
{
    struct ic_random random;
    double x;

    ic_random_init(&random, seed, IC_RANDOM_MIXUP, (uint32_t)step, 1 + picture);
    x = ic_random_beta(&random, mixup->alpha);
    return (float)fmax(x, 1 - x);
}

void ic_mixup_draw(struct ic_mixup *mixup, uint64_t seed, int64_t step,
                   const struct ic_batch *batch)
{
    const size_t picture = 3 * (size_t)mixup->size * (size_t)mixup->size;
    const uint32_t count = (uint32_t)batch->count;
    struct ic_random random;

    assert(batch->count <= mixup->batch && batch->own == batch->count);
    ic_random_init(&random, seed, IC_RANDOM_MIXUP, (uint32_t)step, 0);
    ic_random_permutation(&random, mixup->partners, count);
    ic_random_init(&random, seed, IC_RANDOM_MIXUP, (uint32_t)step, 1);
    if (mixup->cutmix)
        mixup->cut = ic_cut_draw(mixup->alpha, mixup->size, &random);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t partner = mixup->partners[i];

        mixup->share[i] = mixup->cutmix ? (float)ic_cut_share(&mixup->cut, mixup->size)
                                        : draw_share(mixup, seed, step, i);
        mixup->rgb[i] = batch->rgb + partner * picture;
        mixup->labels[i] = batch->labels[partner];
    }
}

void ic_mixup_input(struct ic_mixup *mixup, struct ic_net *net, const uint8_t *rgb,
                    int first, int count, const float mean[3], const float std[3])
{
    const size_t picture = 3 * (size_t)mixup->size * (size_t)mixup->size;
    const struct ic_mix mix = {.share = mixup->share + first,
                               .rgb = mixup->rgb + first,
                               .labels = mixup->labels + first};

    if (!mixup->cutmix) {
        ic_net_input_mixed(net, rgb, &mix, count, mean, std);
        return;
    }
    for (size_t i = 0; i < (size_t)count; i++)
        ic_cut_apply(mixup->cut_pictures + i * picture, rgb + i * picture, mix.rgb[i],
                     &mixup->cut, mixup->size);
    ic_net_input(net, mixup->cut_pictures, count, mean, std);
    ic_net_mix_losses(net, mix.labels, mix.share);
}
