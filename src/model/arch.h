/* SPDX-License-Identifier: MIT */
/*
 * The table of networks. The file of a network's family (resnet.c) defines the network:
 * how its body is built, and the names of the body's parts, here and in fastai. The
 * head is defined separately (head.h).
 */
#ifndef IC_MODEL_ARCH_H
#define IC_MODEL_ARCH_H

#include "graph/graph.h"

/* Parameter groups, as ic_array.group, for discriminative learning rates: fastai cuts a
 * body in two, and the head is the third group. */
enum ic_group { IC_GROUP_LOW, IC_GROUP_HIGH, IC_GROUP_HEAD, IC_GROUPS };

/* A part of a body. The names of its arrays begin with the part's name and a dot. */
struct ic_arch_part {
    const char *name;   /* torchvision's: "layer1" */
    const char *fastai; /* fastai's name of that part: "0.4" */
    enum ic_group group;
};

struct ic_arch {
    const char *name; /* "resnet34" */

    /* Appends the body to a graph that holds only its input. Returns the last node.
     * Errors stick to the graph. */
    int (*build)(struct ic_graph *graph, const struct ic_arch *arch);
    const void *config;               /* the family's own, for `build` */
    const struct ic_arch_part *parts; /* of the body; ends with a part without a name */
    int features;                     /* channels that the body gives to the head */
};

/* The words of --arch; NULL-terminated. */
extern const char *const ic_words_arch[];

/* The network of that name, or NULL. */
const struct ic_arch *ic_arch_find(const char *name);

/* The part of the body that an array of that name belongs to; NULL for arrays of a
 * head. */
const struct ic_arch_part *ic_arch_part_of(const struct ic_arch *arch,
                                           const char *array);

/* Appends a whole network, ending in `classes` logits, to a graph that holds only its
 * input. Both names must be known. Errors stick to the graph. */
void ic_arch_build(struct ic_graph *graph, const char *arch, const char *head,
                   int classes);

#endif
