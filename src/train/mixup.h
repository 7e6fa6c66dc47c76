/* SPDX-License-Identifier: MIT */
/*
 * Mixup and CutMix: every picture of a batch is mixed with another one, and so are
 * their losses.
 *
 * Mixup, in fastai's form: each picture has a share of its own, max(x, 1 - x) with x
 * from Beta(alpha, alpha), so that it keeps the larger part. CutMix is described in
 * cutmix.h. The partners are a permutation of the batch, which may pair a picture with
 * itself. What a step mixes is a function of the seed and the step.
 *
 * Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond Empirical Risk
 * Minimization", ICLR 2018.
 */
#ifndef IC_TRAIN_MIXUP_H
#define IC_TRAIN_MIXUP_H

#include "data/loader.h"
#include "graph/net.h"
#include "train/cutmix.h"

/* The partners and shares of a step's batch. All zero is closed. */
struct ic_mixup {
    double alpha;
    bool cutmix;
    int batch, size;    /* pictures at most, and their side */
    struct ic_cut cut;  /* CutMix: of the batch */
    uint32_t *partners; /* indices in the batch; these five are owned */
    float *share;
    const uint8_t **rgb;
    int32_t *labels;
    uint8_t *cut_pictures; /* CutMix: room for a micro-batch */
};

struct ic_mixup_options {
    double alpha; /* above 0 */
    bool cutmix;  /* else mixup */
    int batch;    /* pictures of a step, at most, */
    int micro;    /* and of a micro-batch */
    int size;     /* side of the pictures, in pixels */
};

ic_status ic_mixup_open(struct ic_mixup *mixup, const struct ic_mixup_options *options,
                        struct ic_error *error);
void ic_mixup_close(struct ic_mixup *mixup); /* all zero is fine */

/* Bytes that a mixup with these options allocates per micro-batch for pictures. */
size_t ic_mixup_picture_bytes(const struct ic_mixup_options *options);

/* Draws partners and shares for a batch, all of whose pictures are loaded. The partners
 * come from the stream (seed, IC_RANDOM_MIXUP, step, 0), the share of picture i from
 * (..., step, 1 + i), and the rectangle of CutMix from (..., step, 1). */
void ic_mixup_draw(struct ic_mixup *mixup, uint64_t seed, int64_t step,
                   const struct ic_batch *batch);

/* Sets `count` pictures (at most a micro-batch), of which `rgb` is the first and has
 * the number `first` in the batch, as the net's batch, mixed. The batch must still be
 * there.
 */
void ic_mixup_input(struct ic_mixup *mixup, struct ic_net *net, const uint8_t *rgb,
                    int first, int count, const float mean[3], const float std[3]);

#endif
