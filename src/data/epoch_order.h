/* SPDX-License-Identifier: MIT */
/*
 * In which order an epoch goes through its samples.
 */
#ifndef IC_DATA_EPOCH_ORDER_H
#define IC_DATA_EPOCH_ORDER_H

#include "data/loader.h"

/* Of each place of the epoch the sample, and how often it came before: a second time it
 * is augmented by draws of its own. */
struct ic_epoch_order {
    uint32_t *samples, *views; /* sample_count each; owned */
};

/* Validation takes the samples as they stand. Training takes a permutation by the
 * stream (seed, IC_RANDOM_SHUFFLE, epoch, 0). With options->balanced each class stands
 * in as many places as any other, but for one: of a small class pictures come several
 * times, of a large one some not at all, all others before any comes again. */
ic_status ic_epoch_order_make(const struct ic_loader_options *options,
                              struct ic_epoch_order *ret_order, struct ic_error *error);

void ic_epoch_order_free(struct ic_epoch_order *order); /* all zero is fine */

#endif
