/* SPDX-License-Identifier: MIT */
/*
 * The table of heads, which turn the features of any body into logits.
 */
#ifndef IC_MODEL_HEAD_H
#define IC_MODEL_HEAD_H

#include "graph/graph.h"

struct ic_head {
    const char *name; /* "fastai", "plain" */

    /* Appends the head after node `x`. Errors stick to the graph. */
    int (*build)(struct ic_graph *graph, int x, int classes);
    const char *last; /* the matrix whose rows are the classes: "fc.weight" */
};

/* The words of --head; NULL-terminated. */
extern const char *const ic_words_head[];

/* The head of that name, or NULL. */
const struct ic_head *ic_head_find(const char *name);

#endif
