/* SPDX-License-Identifier: MIT */
/*
 * Coats: the colour of the fur at a point of an animal. Cats and dogs share patterns
 * and palettes, so that a coat says nothing about the species.
 */
#ifndef IC_DATA_TOY_COAT_H
#define IC_DATA_TOY_COAT_H

#include "data/toy/canvas.h"

enum ic_toy_pattern {
    IC_TOY_PLAIN,
    IC_TOY_STRIPES,  /* tabby, brindle */
    IC_TOY_SPOTS,    /* discs or rosettes */
    IC_TOY_POINTS,   /* dark ears, mask, legs and tail */
    IC_TOY_BICOLOUR, /* white blaze, chest and paws */
    IC_TOY_PATCHES   /* islands of two colours on white */
};

enum ic_toy_part {
    IC_TOY_HEAD,
    IC_TOY_EAR,
    IC_TOY_MUZZLE,
    IC_TOY_BODY,
    IC_TOY_CHEST,
    IC_TOY_LEG,
    IC_TOY_TAIL
};

struct ic_toy_coat {
    enum ic_toy_pattern pattern;
    struct ic_toy_colour base, dark, light;
    float density;  /* stripes or spots per unit */
    float contrast; /* 0: the pattern cannot be seen; 1: full */
    float fur;      /* length of the tufts, in units */
    bool rings;     /* spots are rosettes */
    uint32_t seed;
};

/* Chooses colours for a pattern. */
void ic_toy_coat_init(struct ic_toy_coat *coat, enum ic_toy_pattern pattern, float fur,
                      struct ic_random *random);

/* The coat as a paint: a part seen through a view. */
struct ic_toy_skin {
    const struct ic_toy_coat *coat;
    const struct ic_toy_view *view;
    enum ic_toy_part part;
};

struct ic_toy_colour ic_toy_skin_colour(const void *skin, struct ic_toy_dot dot);

#endif
