/* SPDX-License-Identifier: MIT */
/*
 * The geometry of an augmented picture as one 3 x 3 matrix: flip, rotation, zoom,
 * perspective and crop of a square picture.
 *
 * Coordinates run from -1 to 1, from the centre of the first pixel to that of the last
 * (fastai's and PyTorch's align_corners), and the matrix leads from the output to the
 * picture: where does this pixel come from? So the transforms stand in it from the last
 * to the first: perspective * flip * rotation * zoom * crop, each as fastai 2.8 has it.
 */
#ifndef IC_IMAGE_WARP_H
#define IC_IMAGE_WARP_H

#include <stdbool.h>

struct ic_warp {
    bool flip;                   /* left and right */
    double degrees;              /* of the rotation, against the clock */
    double zoom, zoom_x, zoom_y; /* 1: none; the point that stays, from 0 to 1 */
    double warp_x, warp_y;       /* tilt to the side and backwards, -0.5 to 0.5 */
    int left, top, crop;         /* the square that is shown, in pixels */
};

/* The picture of side `side` as it is. */
struct ic_warp ic_warp_none(int side);

/* Row by row: (x, y, 1) in the output -> (x w, y w, w) in the picture of side `side`.
 * w is positive for all of the output. */
void ic_warp_matrix(double matrix[9], const struct ic_warp *warp, int side);

/* out = a * b; out is neither of them. */
void ic_matrix_multiply(double out[9], const double a[9], const double b[9]);

#endif
