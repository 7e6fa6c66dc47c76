/* SPDX-License-Identifier: MIT */
/*
 * The geometry of an augmented picture as one 3 x 3 matrix: flip, rotation, zoom,
 * perspective and crop of a square picture.
 *
 * Coordinates run from -1 to 1, from the centre of the first pixel to that of the last
 * (fastai's and PyTorch's align_corners), and the matrix maps the output to the
 * picture: where does this pixel come from? So it multiplies the transforms from the
 * last to the first: perspective * flip * rotation * zoom * crop, each as fastai 2.8
 * has it.
 */
#ifndef IC_IMAGE_WARP_H
#define IC_IMAGE_WARP_H

#include <stdbool.h>

struct ic_warp {
    bool flip;                   /* left and right */
    double degrees;              /* of the rotation, anticlockwise */
    double zoom, zoom_x, zoom_y; /* 1: none; the fixed point, from 0 to 1 */
    double warp_x, warp_y;       /* tilt to the side and backwards, -0.5 to 0.5 */
    int left, top, crop;         /* the visible square, in pixels */
};

/* The identity on a picture of side `side`. */
struct ic_warp ic_warp_none(int side);

/* Writes, row by row, the map (x, y, 1) in the output -> (x w, y w, w) in the picture.
 * w is positive for all of the output. */
void ic_warp_matrix(double matrix[9], const struct ic_warp *warp, int side);

/* out = a * b; `out` is neither a nor b. */
void ic_matrix_multiply(double out[9], const double a[9], const double b[9]);

#endif
