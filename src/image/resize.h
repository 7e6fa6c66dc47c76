/* SPDX-License-Identifier: MIT */
/*
 * Pillow's 8-bit BILINEAR resampling, equal to its bytes.
 *
 * A triangle filter whose support grows with the scale when shrinking (so that it
 * averages instead of skipping); coefficients are normalised in double and rounded to
 * fixed point of 22 bits; each pass, horizontal and vertical, rounds to 8 bits. The
 * order of the passes is Pillow 13's: earlier versions always took the rows first,
 * which differs only where the height shrinks by more than twice what the width does.
 */
#ifndef IC_IMAGE_RESIZE_H
#define IC_IMAGE_RESIZE_H

#include "image/image.h"

/* A rectangle of whole pixels. */
struct ic_rect {
    int left, top, width, height;
};

/* Resamples `rect` of `source` to width x height; writes width * height * 3 bytes to
 * `out`. Only the rectangle's pixels count, as in image.crop(rect).resize(size,
 * BILINEAR). It may reach beyond the picture, which then goes on as its own reflection
 * (the edge pixels are not doubled), as numpy.pad's "reflect". Its width and height are
 * at most IC_IMAGE_MAX_SIDE (an assertion). Fails for lack of memory only. */
ic_status ic_resize_bilinear(uint8_t *out, const struct ic_image *source,
                             struct ic_rect rect, int width, int height,
                             struct ic_error *error);

#endif
