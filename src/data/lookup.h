/*
 * Finds samples by the names that people write in lists: the path below the data set's
 * folder, or the picture's own name, with or without its ending.
 */
#ifndef IC_DATA_LOOKUP_H
#define IC_DATA_LOOKUP_H

#include "data/dataset.h"

struct ic_lookup_key;

struct ic_lookup {
    struct ic_lookup_key *keys; /* owned; sorted */
    size_t count;
};

enum ic_lookup_answer {
    IC_LOOKUP_NONE,
    IC_LOOKUP_ONE,
    IC_LOOKUP_SEVERAL /* two samples answer to it: cats/1.jpg and dogs/1.jpg to "1" */
};

/* The data set outlives the lookup. */
ic_status ic_lookup_init(struct ic_lookup *lookup, const struct ic_dataset *dataset,
                         struct ic_error *error);

/* The sample called `name`, `length` bytes. The fuller spelling wins: a path before a
 * path without ending before an own name before an own name without ending. `*first`
 * gets the sample, `*second` another one where there are several. */
enum ic_lookup_answer ic_lookup_find(const struct ic_lookup *lookup, const char *name,
                                     size_t length, uint32_t *first, uint32_t *second);

void ic_lookup_free(struct ic_lookup *lookup); /* all zero is fine */

#endif
