/* SPDX-License-Identifier: MIT */
/*
 * How many pictures of each class a random split puts on the side of validation.
 *
 * Chance alone gives a class of 200 pictures 40 for validation, give or take 6; one of
 * 10 pictures it gives 2, and none at all once in ten times. So where some class is
 * small, each gets its part: cut * n_class / n, rounded down, and what is left over
 * goes to the classes that lost the most by that (largest remainders), the first of
 * equals. Elsewhere chance decides, as in fastai.
 */
#ifndef IC_DATA_SPLIT_SHARES_H
#define IC_DATA_SPLIT_SHARES_H

#include <stdbool.h>

#include "data/dataset.h"

/* A class is small when fewer of its pictures would validate. */
enum { IC_SPLIT_FEW = 10 };

struct ic_split_shares {
    size_t *left; /* for each label, what may still validate; NULL: all share `total` */
    size_t total;
};

/* Divides `cut` pictures for validation among the classes of the data set, whose
 * samples all have labels. */
ic_status ic_split_shares_make(const struct ic_dataset *dataset, size_t cut,
                               struct ic_split_shares *ret_shares,
                               struct ic_error *error);

/* Whether the next picture, of that label, validates; if so, it is counted. */
bool ic_split_shares_take(struct ic_split_shares *shares, int label);

void ic_split_shares_free(struct ic_split_shares *shares); /* all zero is fine */

#endif
