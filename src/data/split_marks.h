/* SPDX-License-Identifier: MIT */
/*
 * The marks of a split while it is made: the side of each sample, and the lists that
 * put it there.
 */
#ifndef IC_DATA_SPLIT_MARKS_H
#define IC_DATA_SPLIT_MARKS_H

#include "data/name_index.h"

enum ic_split_side { IC_SPLIT_NOWHERE, IC_SPLIT_TRAIN, IC_SPLIT_VALID };

/* Where a sample goes, and the list and line that say so. */
struct ic_split_mark {
    enum ic_split_side side;
    uint32_t line; /* 0: no list named it */
    const char *list;
};

/* A split being made. */
struct ic_split_marks {
    const struct ic_dataset *dataset;
    struct ic_split_mark *items; /* one per sample */
    struct ic_name_index names;
    size_t missing;      /* names that the data set lacks */
    char *first_missing; /* a sentence about the first of them */
};

/* Puts all samples on neither side. */
ic_status ic_split_marks_open(struct ic_split_marks *marks,
                              const struct ic_dataset *dataset, struct ic_error *error);
void ic_split_marks_free(struct ic_split_marks *marks);

/* Puts the samples that lists name on their sides; `train_list` may be NULL. With
 * `first_word` the first word of a line is the name, and the rest is not read. Refused:
 * see ic_split_make; `dropped` names may be missing. */
ic_status ic_split_marks_take(struct ic_split_marks *marks, const char *train_list,
                              const char *valid_list, bool first_word, size_t dropped,
                              struct ic_error *error);

#endif
