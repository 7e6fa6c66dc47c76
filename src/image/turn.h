/* SPDX-License-Identifier: MIT */
/*
 * Pictures that are to be turned or mirrored to be upright, by the numbers of TIFF's
 * tag Orientation, which EXIF has taken over: 1 upright, 2 mirrored, 3 turned by 180
 * degrees, 4 upside down, 5 to 8 the same with the sides swapped.
 */
#ifndef IC_IMAGE_TURN_H
#define IC_IMAGE_TURN_H

#include <stdbool.h>

#include "image/image.h"

/* Whether width and height change places. */
bool ic_turn_swaps(int orientation);

/* Where the pixel (*x, *y) of a picture of width x height, as it is stored, stands in
 * the upright one. */
void ic_turn_pixel(int orientation, size_t width, size_t height, size_t *x, size_t *y);

/* Makes the picture upright: its pixels are others afterwards. Orientations beyond 2 to
 * 8 change nothing. */
ic_status ic_image_turn(struct ic_image *image, int orientation,
                        struct ic_error *error);

#endif
