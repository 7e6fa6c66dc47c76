/* SPDX-License-Identifier: MIT */
/*
 * Maps models to pixels.
 *
 * Models have three dimensions (x to the right, y down, z towards the viewer, the head
 * about 1 in half its width). A view turns, scales and moves them to pixels; so ears,
 * eyes and snouts shift against one another when a head turns, though each of them is
 * a flat outline.
 */
#ifndef IC_DATA_TOY_VIEW_H
#define IC_DATA_TOY_VIEW_H

#include "data/toy/math.h"

struct ic_toy_point {
    float x, y, z;
};

struct ic_toy_dot {
    float x, y; /* in pixels, from the upper left corner */
};

/* Maps a model to pixels. Angles are in turns. */
struct ic_toy_view {
    struct ic_toy_dot origin; /* where the model's origin stands */
    float scale;              /* pixels per unit */
    float mirror;             /* 1, or -1 for left and right exchanged */
    float roll_sin, roll_cos, yaw_sin, yaw_cos, pitch_sin, pitch_cos;
};

void ic_toy_view_turn(struct ic_toy_view *view, float roll, float yaw, float pitch);
struct ic_toy_dot ic_toy_view_project(const struct ic_toy_view *view,
                                      struct ic_toy_point point);

/* The point of the model under a pixel: on the unit ball where the pixel meets it,
 * otherwise on the plane through the origin. */
struct ic_toy_point ic_toy_view_on_ball(const struct ic_toy_view *view,
                                        struct ic_toy_dot dot);
struct ic_toy_point ic_toy_view_on_plane(const struct ic_toy_view *view,
                                         struct ic_toy_dot dot);

#endif
