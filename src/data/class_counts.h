/* SPDX-License-Identifier: MIT */
/*
 * How many pictures of each class train and validate.
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

/* The classes that have no pictures on a side (`on_side` is train or valid): how many,
 * and the first of them in *ret_first, -1 for none. */
int ic_class_counts_missing(const struct ic_class_counts *counts, const size_t *on_side,
                            int *ret_first);

#endif
