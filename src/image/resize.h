/* SPDX-License-Identifier: MIT */
/*
 * Pillow's 8-bit BILINEAR resampling, with the same bytes.
 *
 * It is a triangle filter whose support grows with the scale when shrinking (so that it
 * averages instead of skipping). Coefficients are normalised in double and rounded to
 * fixed point of 22 bits; each pass, horizontal and vertical, rounds to 8 bits. The
 * order of the passes is Pillow 13's: earlier versions always took the rows first,
 * which differs only where the height shrinks by more than twice as much as the width.
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
 * BILINEAR). The rectangle may reach beyond the picture, which then continues as its
 * own reflection (the edge pixels are not doubled), as with numpy.pad's "reflect". The
 * rectangle's width and height are at most IC_IMAGE_MAX_SIDE (an assertion). Fails only
 * when out of memory. */
ic_status ic_resize_bilinear(uint8_t *out, const struct ic_image *source,
                             struct ic_rect rect, int width, int height,
                             struct ic_error *error);

#endif
