/* SPDX-License-Identifier: MIT */
/*
 * Cats and dogs: what an animal consists of, and the functions that draw it.
 *
 * Anatomy is written down as tables of outlines in units of half a head. A breed says
 * how it is stretched, an animal adds what differs from one to the next.
 */
#ifndef IC_DATA_TOY_ANIMAL_H
#define IC_DATA_TOY_ANIMAL_H

#include "data/toy/coat.h"

enum ic_toy_ears {
    IC_TOY_EARS_PRICKED, /* upright and pointed, as all cats have them here */
    IC_TOY_EARS_ROUND,   /* upright and rounded: a terrier's */
    IC_TOY_EARS_BUTTON,  /* upright, the tip folded forward */
    IC_TOY_EARS_FLOPPY   /* hanging */
};

struct ic_toy_breed {
    const char *name; /* as in file names: cats with a capital letter */
    bool dog;
    enum ic_toy_pattern pattern;
    enum ic_toy_ears ears;
    float fur;                    /* length of the tufts */
    float head_width, head_depth; /* 1 is the usual; depth goes downwards */
    float ear_width, ear_length;
    float muzzle_length, muzzle_width;
    float eye; /* size */
};

#define IC_TOY_BREEDS 12
extern const struct ic_toy_breed ic_toy_breeds[IC_TOY_BREEDS];

enum ic_toy_pose {
    IC_TOY_PORTRAIT, /* head, neck and shoulders */
    IC_TOY_SITTING,
    IC_TOY_STANDING,
    IC_TOY_LYING
};

struct ic_toy_animal {
    const struct ic_toy_breed *breed;
    struct ic_toy_coat coat;
    struct ic_toy_colour iris, nose, ear; /* ear: its inner side */
    struct ic_toy_colour whiskers, collar;
    float pupil; /* 0: narrow, 1: wide */
    float gaze;  /* -1 .. 1: where it looks */
    float tail;  /* 0 .. 1: how it is held */
    bool mouth_open, has_collar;
    enum ic_toy_pose pose;
    struct ic_toy_view head, body;
    uint32_t seed;
};

/* Gives an animal, whose breed is set, a coat, eyes, a collar ... of its own. */
void ic_toy_breed_choose(struct ic_toy_animal *animal, struct ic_random *random);

/* Draws the outline of a part, on one side (1 or -1) or in the middle, with its fur. */
void ic_toy_draw_shape(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                       const struct ic_toy_place *place, const float (*corners)[2],
                       int count, float fur, uint32_t seed,
                       const struct ic_toy_paint *paint);
void ic_toy_draw_oval(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                      const struct ic_toy_place *place,
                      const struct ic_toy_paint *paint);

/* Paints for the coat of a part, and for one colour, more or less round. */
struct ic_toy_paint ic_toy_paint_skin(const struct ic_toy_skin *skin, float round);
struct ic_toy_paint ic_toy_paint_plain(struct ic_toy_colour colour, float alpha,
                                       float round);

void ic_toy_draw_body(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal);
void ic_toy_draw_cat_head(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal);
void ic_toy_draw_dog_head(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal);

#endif
