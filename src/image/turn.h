/* SPDX-License-Identifier: MIT */
/*
 * Turns or mirrors pictures upright, by the numbers of TIFF's tag Orientation, which
 * EXIF has adopted: 1 upright, 2 mirrored, 3 turned by 180 degrees, 4 upside down, 5 to
 * 8 the same with width and height swapped.
 */
#ifndef IC_IMAGE_TURN_H
#define IC_IMAGE_TURN_H

#include <stdbool.h>

#include "image/image.h"

/* Whether width and height are swapped. */
bool ic_turn_swaps(int orientation);

/* Maps the pixel (*x, *y) of a stored picture of width x height to its place in the
 * upright picture. */
void ic_turn_pixel(int orientation, size_t width, size_t height, size_t *x, size_t *y);

/* Makes the picture upright; its pixels are reallocated. Orientations other than 2 to 8
 * change nothing. */
ic_status ic_image_turn(struct ic_image *image, int orientation,
                        struct ic_error *error);

#endif
