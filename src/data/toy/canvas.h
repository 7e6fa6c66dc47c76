/* SPDX-License-Identifier: MIT */
/*
 * A canvas of floating-point colours and the few things that are drawn on it: filled
 * outlines, strokes and soft glows, all with smooth edges. What they show is left to
 * the animals and the scene.
 */
#ifndef IC_DATA_TOY_CANVAS_H
#define IC_DATA_TOY_CANVAS_H

#include "data/toy/path.h"

#include "base/error.h"

struct ic_toy_light {
    struct ic_toy_point from; /* direction to the light, of length 1 */
    float ambient, power;     /* a surface has ambient + power * cosine */
};

struct ic_toy_canvas {
    int width, height;
    struct ic_toy_colour *pixels; /* height, width; owned */
    float *mask; /* height, width + 2: coverage, zero between calls; owned */
    struct ic_toy_light light;
};

ic_status ic_toy_canvas_init(struct ic_toy_canvas *canvas, int width, int height,
                             struct ic_error *error);
void ic_toy_canvas_free(struct ic_toy_canvas *canvas); /* all zero is fine */

/* What a surface looks like: one colour, or a function of the pixel. */
struct ic_toy_paint {
    struct ic_toy_colour plain;
    struct ic_toy_colour (*colour)(const void *context, struct ic_toy_dot dot);
    const void *context; /* of `colour`; NULL function: plain */
    float alpha;         /* opacity */
    float round; /* 0: flat; 1: shaded by the light as a ball of the outline's size */
};

void ic_toy_fill(struct ic_toy_canvas *canvas, const struct ic_toy_path *path,
                 const struct ic_toy_paint *paint);

/* A smooth curve through `count` points (2 to 12), as thick as `from` at its beginning
 * and `to` at its end (half the thickness, in units of the view). */
void ic_toy_stroke(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                   const struct ic_toy_point *points, int count, float from, float to,
                   const struct ic_toy_paint *paint);

/* An elliptic spot that fades out towards its edge: shadows, blushes, lamps. */
void ic_toy_glow(struct ic_toy_canvas *canvas, const struct ic_toy_view *view,
                 const struct ic_toy_place *place, struct ic_toy_colour colour,
                 float alpha);

#endif
