/* SPDX-License-Identifier: MIT */
/*
 * Collects the pictures of a data set while it is opened, and looks into its folders.
 * Both ways to open a data set use it: layouts (dataset.c) and plain paths
 * (pictures.c).
 */
#ifndef IC_DATA_SCAN_H
#define IC_DATA_SCAN_H

#include <stdbool.h>

#include "data/dataset.h"

struct ic_scan {
    struct ic_dataset *dataset; /* its folder is set; its arena owns all names */
    struct ic_sample *samples;  /* owned */
    size_t count, capacity;
};

/* Appends an unlabelled sample. `name` is kept as it is; it lives in the data set's
 * arena. */
ic_status ic_scan_add(struct ic_scan *found, const char *name, enum ic_sample_part part,
                      size_t class_at, struct ic_error *error);

/* Lists DIR/below (or DIR, when that is ""). The names are paths below DIR, in the data
 * set's arena. */
ic_status ic_scan_list(struct ic_dataset *dataset, const char *below,
                       const char ***ret_names, size_t *ret_count,
                       struct ic_error *error);

/* Whether DIR/name is a folder. */
ic_status ic_scan_is_folder(const struct ic_dataset *dataset, const char *name,
                            bool *ret_answer, struct ic_error *error);

/* Whether DIR/name is a symbolic link. */
ic_status ic_scan_is_link(const struct ic_dataset *dataset, const char *name,
                          bool *ret_answer, struct ic_error *error);

/* Whether a file of that name lies beside pictures but is none: lists, notes, boxes,
 * weights, archives, files that a desktop leaves in folders. */
bool ic_scan_is_other(const char *name);

/* Moves the samples into the data set, in their order. */
ic_status ic_scan_finish(const struct ic_scan *found, struct ic_error *error);

#endif
