/* SPDX-License-Identifier: MIT */
/*
 * A classifier: what network, for which classes, on which pictures. All that a weights
 * file's metadata carries, so that `predict` needs nothing else.
 */
#ifndef IC_MODEL_MODEL_H
#define IC_MODEL_MODEL_H

#include "graph/graph.h"
#include "image/fit.h"

struct ic_model {
    char *arch;     /* a word of ic_words_arch: "resnet34" */
    char *head;     /* a word of ic_words_head: "plain" */
    char **classes; /* class_count names */
    int class_count;
    char *labels; /* how the classes were read off the data set: "species" ... */
    int size;     /* side of the square picture, in pixels */
    int presize;  /* side of the square that it is made from; 0 (as from init): none */
    bool upright; /* JPEGs are turned as their EXIF orientation says; not from init */
    enum ic_fit fit;
    float mean[3], std[3]; /* normalisation; ImageNet's by default */
};

/* A model with copies of its arguments; ImageNet's normalisation. Refused: unknown
 * names, fewer than one class, a size below 32 or above 4096. `classes` may be NULL:
 * then the classes are called "0", "1" and so on. */
ic_status ic_model_init(struct ic_model *model, const char *arch, const char *head,
                        const char *const *classes, int class_count, const char *labels,
                        int size, enum ic_fit fit, struct ic_error *error);
void ic_model_free(struct ic_model *model); /* all zero is fine */

/* The graph of the model's network, which the caller frees. */
ic_status ic_model_build(const struct ic_model *model, enum ic_conv_algorithm algorithm,
                         enum ic_type type, struct ic_graph *ret_graph,
                         struct ic_error *error);

#endif
