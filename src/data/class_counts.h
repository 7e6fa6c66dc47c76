/* SPDX-License-Identifier: MIT */
/*
 * Counts the pictures of each class on the sides of training and validation.
 */
#ifndef IC_DATA_CLASS_COUNTS_H
#define IC_DATA_CLASS_COUNTS_H

#include "data/split.h"

/* All zero is empty. */
struct ic_class_counts {
    size_t *train, *valid; /* by label; owned */
    int classes;
};

ic_status ic_class_counts_make(const struct ic_dataset *dataset,
                               const struct ic_split *split,
                               struct ic_class_counts *ret_counts,
                               struct ic_error *error);
void ic_class_counts_free(struct ic_class_counts *counts);

/* Returns how many classes have no pictures on a side (`on_side` is train or valid).
 * *ret_first gets the first of them, -1 when there is none. */
int ic_class_counts_missing(const struct ic_class_counts *counts, const size_t *on_side,
                            int *ret_first);

#endif
