/*
 * Fits a picture to the network's square: crop, pad or squish, as fastai's Resize, each
 * followed by one Pillow BILINEAR resampling; and the horizontal flip.
 */
#ifndef IC_IMAGE_FIT_H
#define IC_IMAGE_FIT_H

#include <stdbool.h>

#include "image/image.h"

enum ic_fit {
    IC_FIT_CROP,  /* the largest square, at (u, v) of the free room */
    IC_FIT_PAD,   /* the whole picture, its surroundings filled by reflection */
    IC_FIT_SQUISH /* the whole picture, its proportions given up */
};

/* Where in the free room the square stands; the middle is (0.5, 0.5), which validation
 * takes. Offsets are cut to whole pixels: int(u * (width - side)). */
struct ic_fit_place {
    double u, v;
};

/* Writes size * size * 3 bytes to `out`. `flip` mirrors left and right, after the rest.
 */
ic_status ic_fit_square(uint8_t *out, const struct ic_image *image, int size,
                        enum ic_fit fit, struct ic_fit_place place, bool flip,
                        struct ic_error *error);

#endif
