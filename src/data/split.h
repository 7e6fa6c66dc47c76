/* SPDX-License-Identifier: MIT */
/*
 * Decides which samples train and which validate.
 */
#ifndef IC_DATA_SPLIT_H
#define IC_DATA_SPLIT_H

#include "data/dataset.h"

struct ic_split {
    uint32_t *train, *valid; /* indices of samples, ascending; owned */
    size_t train_count, valid_count;
};

/* `how` is one of three:
 *
 * "random": a permutation by `seed`, whose first valid_pct part validates, or where
 * classes are small, that part of each class (split_shares.h). A data set laid out in
 * train/ and valid/ keeps that split.
 *
 * "official": DIR/annotations/trainval.txt and test.txt. Pictures that neither names
 * are on neither side.
 *
 * The path of a file that names the valid pictures, one per line (with or without
 * folder and ending; empty lines and those that begin with '#' are skipped).
 *
 * Refused: a list that names a picture twice or one that the data set lacks (unless it
 * was dropped as unreadable: `dropped` says how many may be missing), a split with an
 * empty side. */
ic_status ic_split_make(const struct ic_dataset *dataset, const char *how,
                        double valid_pct, uint64_t seed, size_t dropped,
                        struct ic_split *ret_split, struct ic_error *error);

/* Whether the data set has any of the pictures that a file names, as above. */
ic_status ic_split_knows_list(const struct ic_dataset *dataset, const char *list,
                              bool *ret_knows, struct ic_error *error);

void ic_split_free(struct ic_split *split);

#endif
