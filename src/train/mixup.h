/* SPDX-License-Identifier: MIT */
/*
 * Mixup: every picture of a batch is mixed with another one, and so are their losses.
 *
 * In fastai's form: each picture has a share of its own, max(x, 1 - x) with x from
 * Beta(alpha, alpha), so that it keeps the larger part. The partners are a permutation
 * of the batch, which may pair a picture with itself. What a step mixes is a function
 * of the seed and the step.
 *
 * Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk
 * Minimization", ICLR 2018.
 */
#ifndef IC_TRAIN_MIXUP_H
#define IC_TRAIN_MIXUP_H

#include "data/loader.h"
#include "graph/net.h"

/* The partners and shares of a step's batch. All zero is closed. */
struct ic_mixup {
    double alpha;
    int batch;          /* the largest */
    uint32_t *partners; /* indices in the batch; these four are owned */
    float *share;
    const uint8_t **rgb;
    int32_t *labels;
};

ic_status ic_mixup_open(struct ic_mixup *mixup, double alpha, int batch,
                        struct ic_error *error);
void ic_mixup_close(struct ic_mixup *mixup); /* all zero is fine */

/* Draws partners and shares for a batch of pictures of size x size, all of which are
 * loaded. The partners come from the stream (seed, IC_RANDOM_MIXUP, step, 0), the share
 * of picture i from (..., step, 1 + i). */
void ic_mixup_draw(struct ic_mixup *mixup, uint64_t seed, int64_t step,
                   const struct ic_batch *batch, int size);

/* The draws for the pictures from `first` on, valid as long as the batch. */
struct ic_mix ic_mixup_from(const struct ic_mixup *mixup, int first);

#endif
