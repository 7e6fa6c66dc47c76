/* SPDX-License-Identifier: MIT */
/*
 * A model describes a classifier: its network, its classes and its pictures. A weights
 * file's metadata carries the whole description, so that `predict` needs nothing else.
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
    char *labels; /* how classes were read from the data set: "species" ... */
    int size;     /* side of the square picture, in pixels */
    int presize;  /* side of the square it is made from; 0 (set by init): none */
    bool upright; /* JPEGs are turned by their EXIF orientation; init sets false */
    enum ic_fit fit;
    float mean[3], std[3]; /* normalisation; ImageNet's by default */
};

/* Makes a model with copies of the arguments and ImageNet's normalisation. Refuses
 * unknown names, fewer than one class, and a size below 32 or above 4096. `classes` may
 * be NULL: then the classes are called "0", "1" and so on. */
ic_status ic_model_init(struct ic_model *model, const char *arch, const char *head,
                        const char *const *classes, int class_count, const char *labels,
                        int size, enum ic_fit fit, struct ic_error *error);
void ic_model_free(struct ic_model *model); /* all zero is fine */

/* Builds the graph of the model's network, which the caller frees. */
ic_status ic_model_build(const struct ic_model *model, enum ic_conv_algorithm algorithm,
                         enum ic_type type, struct ic_graph *ret_graph,
                         struct ic_error *error);

#endif
