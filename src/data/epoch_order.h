/* SPDX-License-Identifier: MIT */
/*
 * Determines the order in which an epoch goes through its samples.
 */
#ifndef IC_DATA_EPOCH_ORDER_H
#define IC_DATA_EPOCH_ORDER_H

#include "data/loader.h"

/* For each position of the epoch: its sample, and how often that sample came before.
 * Each repetition is augmented with draws of its own. */
struct ic_epoch_order {
    uint32_t *samples, *views; /* sample_count each; owned */
};

/* Validation takes the samples in their given order. Training takes a permutation by
 * the stream (seed, IC_RANDOM_SHUFFLE, epoch, 0). With options->balanced, the classes
 * have equally many positions, give or take one. Pictures of a small class then come
 * several times, and some of a large class do not come at all. No picture comes again
 * before all others of its class have come. */
ic_status ic_epoch_order_make(const struct ic_loader_options *options,
                              struct ic_epoch_order *ret_order, struct ic_error *error);

void ic_epoch_order_free(struct ic_epoch_order *order); /* all zero is fine */

#endif
