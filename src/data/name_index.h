/* SPDX-License-Identifier: MIT */
/*
 * Finds samples by the names that people write in lists: the path below the data set's
 * folder, or the picture's own name, with or without its ending.
 */
#ifndef IC_DATA_NAME_INDEX_H
#define IC_DATA_NAME_INDEX_H

#include "data/dataset.h"

struct ic_name_index_key;

struct ic_name_index {
    struct ic_name_index_key *keys; /* owned; sorted */
    size_t count;
};

enum ic_name_answer {
    IC_NAME_NONE,
    IC_NAME_ONE,
    IC_NAME_SEVERAL /* two samples answer to it: cats/1.jpg and dogs/1.jpg to "1" */
};

/* The data set outlives the index. */
ic_status ic_name_index_init(struct ic_name_index *index,
                             const struct ic_dataset *dataset, struct ic_error *error);

/* The sample called `name`, `length` bytes. The fuller spelling wins: a path before a
 * path without ending before an own name before an own name without ending. `*first`
 * gets the sample, `*second` another one where there are several. */
enum ic_name_answer ic_name_index_find(const struct ic_name_index *index,
                                       const char *name, size_t length, uint32_t *first,
                                       uint32_t *second);

void ic_name_index_free(struct ic_name_index *index); /* all zero is fine */

#endif
