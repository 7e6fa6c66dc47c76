/* SPDX-License-Identifier: MIT */
/*
 * Fits a picture to the network's square: crop, pad or squish, each followed by one
 * Pillow BILINEAR resampling; and the horizontal flip.
 *
 * The window is that of fastai's Resize (2.8), with its arithmetic in double: a square
 * of side int(m * size) with m = length / size, which for some lengths is one pixel
 * less than the length (460 at size 224), at int(u * (width - side)), int(v * (height -
 * side)).
 */
#ifndef IC_IMAGE_FIT_H
#define IC_IMAGE_FIT_H

#include <stdbool.h>

#include "image/resize.h"

enum ic_fit {
    IC_FIT_CROP,  /* the largest square, at (u, v) of the free room */
    IC_FIT_PAD,   /* the whole picture, its surroundings filled by reflection */
    IC_FIT_SQUISH /* the whole picture, its proportions given up */
};

/* "crop", "pad" and "squish", in that order; the list ends with NULL. */
extern const char *const ic_fit_names[];

/* Where in the free room the square stands, from 0 to 1; validation takes the middle,
 * (0.5, 0.5). */
struct ic_fit_place {
    double u, v;
};

/* The window of a width x height picture that is shown. Parts beyond the picture are
 * filled by reflection. */
struct ic_rect ic_fit_window(int width, int height, int size, enum ic_fit fit,
                             struct ic_fit_place place);

/* Writes size * size * 3 bytes to `out`. `flip` mirrors left and right, after the rest.
 */
ic_status ic_fit_square(uint8_t *out, const struct ic_image *image, int size,
                        enum ic_fit fit, struct ic_fit_place place, bool flip,
                        struct ic_error *error);

#endif
