/* SPDX-License-Identifier: MIT */
/*
 * Outlines: smooth closed curves through tables of points, ellipses, tufts of fur.
 */
#ifndef IC_DATA_TOY_PATH_H
#define IC_DATA_TOY_PATH_H

#include "data/toy/view.h"

/* Where a flat outline stands in the model: turned, stretched, then moved; side -1
 * mirrors the result about the model's middle (left ear, right ear). */
struct ic_toy_place {
    struct ic_toy_point at;
    float width, height, turn, side;
};

#define IC_TOY_PATH_DOTS 512

/* A closed outline in pixels. */
struct ic_toy_path {
    int count;
    struct ic_toy_dot dots[IC_TOY_PATH_DOTS];
};

/* A smooth closed curve through `count` corners (at most 60) given in units of the
 * place; a corner that is given twice stays sharp. */
void ic_toy_path_shape(struct ic_toy_path *path, const struct ic_toy_view *view,
                       const struct ic_toy_place *place, const float (*corners)[2],
                       int count);

/* An ellipse of half axes width and height. */
void ic_toy_path_oval(struct ic_toy_path *path, const struct ic_toy_view *view,
                      const struct ic_toy_place *place);

/* Breaks the outline up into tufts of fur, `length` pixels long. */
void ic_toy_path_ruffle(struct ic_toy_path *path, float length, uint32_t seed);

/* The point t (0 to 1) between b and c of a smooth curve through a, b, c, d. */
struct ic_toy_dot ic_toy_curve(struct ic_toy_dot a, struct ic_toy_dot b,
                               struct ic_toy_dot c, struct ic_toy_dot d, float t);

#endif
