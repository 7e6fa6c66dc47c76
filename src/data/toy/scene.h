/* SPDX-License-Identifier: MIT */
/*
 * Draws everything around the animal: the light, the background, the foreground, and
 * the effects of the camera. Nothing here knows the species.
 */
#ifndef IC_DATA_TOY_SCENE_H
#define IC_DATA_TOY_SCENE_H

#include "data/toy/canvas.h"

#include "image/image.h"

/* Sets the canvas's light and paints a room, a meadow, a blanket ... over all of it. */
void ic_toy_scene_behind(struct ic_toy_canvas *canvas, struct ic_random *random);

/* Sometimes lays a ball, leaves or grass before the animal, near the lower edge. */
void ic_toy_scene_before(struct ic_toy_canvas *canvas, struct ic_random *random);

/* Takes the picture: exposure, tint, vignette, blur and noise, then 8 bits. `image` has
 * the canvas's size. */
void ic_toy_scene_develop(const struct ic_toy_canvas *canvas, struct ic_random *random,
                          struct ic_image *image);

#endif
