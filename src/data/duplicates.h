/* SPDX-License-Identifier: MIT */
/*
 * Finds duplicates: files of a data set with the same bytes under two names. A pair on
 * both sides of a split makes validation look better than it is. A pair in two classes
 * teaches the network that nothing tells these classes apart.
 */
#ifndef IC_DATA_DUPLICATES_H
#define IC_DATA_DUPLICATES_H

#include "data/dataset.h"

/* `sample` has the bytes of `first`, which is the first sample that has them. */
struct ic_duplicate {
    uint32_t sample, first;
};

struct ic_duplicates {
    struct ic_duplicate *items; /* in order of `sample`; owned */
    size_t count;
};

/* Finds the duplicates among the samples whose checksums are known (ic_check_pictures).
 * Files with equal checksums are read and compared. A file that cannot be read is no
 * duplicate. */
ic_status ic_duplicates_find(const struct ic_dataset *dataset,
                             struct ic_duplicates *ret_duplicates,
                             struct ic_error *error);

void ic_duplicates_free(struct ic_duplicates *duplicates); /* all zero is fine */

#endif
