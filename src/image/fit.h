/* SPDX-License-Identifier: MIT */
/*
 * Fits a picture to the network's square by crop, pad or squish, each followed by one
 * Pillow BILINEAR resampling, and flips it horizontally.
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
    IC_FIT_CROP,  /* the largest square, at (u, v) of the free range */
    IC_FIT_PAD,   /* the whole picture, its surroundings filled by reflection */
    IC_FIT_SQUISH /* the whole picture, its aspect ratio not kept */
};

/* "crop", "pad" and "squish", in that order; the list ends with NULL. */
extern const char *const ic_fit_names[];

/* The square's position in its free range, from 0 to 1; validation takes the middle,
 * (0.5, 0.5). */
struct ic_fit_place {
    double u, v;
};

/* The visible window of a width x height picture. Parts beyond the picture are filled
 * by reflection. */
struct ic_rect ic_fit_window(int width, int height, int size, enum ic_fit fit,
                             struct ic_fit_place place);

/* Writes size * size * 3 bytes to `out`. `flip` finally swaps left and right. */
ic_status ic_fit_square(uint8_t *out, const struct ic_image *image, int size,
                        enum ic_fit fit, struct ic_fit_place place, bool flip,
                        struct ic_error *error);

#endif
