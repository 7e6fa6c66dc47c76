/* SPDX-License-Identifier: MIT */
/*
 * Which layout a data set's folder has: told by the names of the folders in it.
 *
 * Oxford: pictures stand in DIR/images itself. Class folders: DIR/CLASS/..., or, where
 * DIR has a folder train, DIR/train/CLASS/... with DIR/valid/CLASS/... Names as other
 * programs write them count too, in capitals or not: train, training; valid, val,
 * validation; test, testing. Of these none is ever taken for a class, and what stands
 * under test is left to `eval`. Where DIR/images holds folders alone, the class folders
 * are looked for there.
 */
#ifndef IC_DATA_LAYOUT_H
#define IC_DATA_LAYOUT_H

#include <stdbool.h>

#include "data/dataset.h"

struct ic_layout {
    bool oxford;
    const char *base;  /* path below DIR that holds what follows; "" for DIR itself */
    const char *train; /* path below DIR, or NULL; then the classes stand in base */
    const char *valid; /* path below DIR, or NULL */
};

/* What a name says of the pictures under it. */
enum ic_part_name {
    IC_PART_NAME_NONE,
    IC_PART_NAME_TRAIN,
    IC_PART_NAME_VALID,
    IC_PART_NAME_TEST
};

/* Looks a name up among the synonyms above. */
enum ic_part_name ic_layout_part_name(const char *name);

/* The layout of the data set's folder, which is set. Paths are the arena's. Refused: a
 * folder that cannot be read. */
ic_status ic_layout_find(struct ic_dataset *dataset, struct ic_layout *ret_layout,
                         struct ic_error *error);

/* The labels that a folder's layout suggests: species for Oxford, and for a folder that
 * cannot be read; else folder. */
enum ic_labels ic_layout_labels(const char *folder);

/* Whether a folder, by its path below DIR, holds no pictures of the data set: a run or
 * a report of im2cat's, or what a packer or a system has left. */
ic_status ic_layout_is_foreign(const struct ic_dataset *dataset, const char *path,
                               bool *ret_answer, struct ic_error *error);

/* Whether a folder that stands among class folders is none: a foreign one, or one with
 * the name of a part (train, ...). */
ic_status ic_layout_is_no_class(const struct ic_dataset *dataset, const char *path,
                                bool *ret_answer, struct ic_error *error);

#endif
