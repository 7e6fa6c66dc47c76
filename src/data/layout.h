/* SPDX-License-Identifier: MIT */
/*
 * Recognises the layout of a data set's folder by the names of the folders in it.
 *
 * Oxford: pictures stand in DIR/images itself. Class folders: DIR/CLASS/..., or, where
 * DIR has a folder train, DIR/train/CLASS/... with DIR/valid/CLASS/... Names as other
 * DIR has a folder train, DIR/train/CLASS/... with DIR/valid/CLASS/... The names that
 * other programs use count too, in any case: train, training; valid, val, validation;
 * test, testing. None of these is ever taken for a class, and pictures under test are
 * left to `eval`. Where DIR/images holds only folders, the class folders are looked for
 * there.
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

/* The part that a folder's name assigns its pictures to. */
enum ic_part_name {
    IC_PART_NAME_NONE,
    IC_PART_NAME_TRAIN,
    IC_PART_NAME_VALID,
    IC_PART_NAME_TEST
};

/* Looks a name up among the synonyms above. */
enum ic_part_name ic_layout_part_name(const char *name);

/* Finds the layout of the data set's folder, which must be set. The arena owns the
 * paths. Refused: a folder that cannot be read. */
ic_status ic_layout_find(struct ic_dataset *dataset, struct ic_layout *ret_layout,
                         struct ic_error *error);

/* Returns the labels that a folder's layout suggests: species for Oxford and for a
 * folder that is unreadable, otherwise folder. Fails only where the machine is at fault
 * (ic_error_is_passing), since another try would find other labels. */
ic_status ic_layout_labels(const char *folder, enum ic_labels *ret_labels,
                           struct ic_error *error);

/* Whether the folder DIR/path holds no pictures of the data set: it is a run or a
 * report of im2cat, or an archiver or the operating system left it. */
ic_status ic_layout_is_foreign(const struct ic_dataset *dataset, const char *path,
                               bool *ret_answer, struct ic_error *error);

/* Whether a folder among the class folders is not a class: it is foreign, or has the
 * name of a part (train, ...). */
ic_status ic_layout_is_no_class(const struct ic_dataset *dataset, const char *path,
                                bool *ret_answer, struct ic_error *error);

#endif
