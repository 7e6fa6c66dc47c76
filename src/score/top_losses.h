/* SPDX-License-Identifier: MIT */
/*
 * The pictures that a model was most wrong about: fastai's top_losses. Their indices
 * are kept, not their pixels.
 */
#ifndef IC_SCORE_TOP_LOSSES_H
#define IC_SCORE_TOP_LOSSES_H

#include "data/loader.h"

#define IC_TOP_LOSSES 24

struct ic_top_loss {
    uint32_t sample; /* index in the data set */
    int label, predicted;
    double loss;        /* cross-entropy */
    double probability; /* of the predicted class */
};

/* The largest loss first; of equal losses, the first added. All zero means empty. */
struct ic_top_losses {
    struct ic_top_loss items[IC_TOP_LOSSES];
    int count;
};

/* Adds a batch with its logits (batch->count x classes). Pictures without a label have
 * no loss and are left out. */
void ic_top_losses_add(struct ic_top_losses *top, const struct ic_batch *batch,
                       const float *logits, int classes);

#endif
