/* SPDX-License-Identifier: MIT */
/*
 * Computes an augmentation's matrix from its parameters. See warp.h.
 */
#include "image/warp.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct ic_warp ic_warp_none(int side)
{
    return (struct ic_warp){.zoom = 1, .zoom_x = 0.5, .zoom_y = 0.5, .crop = side};
}

void ic_matrix_multiply(double out[9], const double a[9], const double b[9])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[3 * i + j] =
                a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
}

/* matrix = matrix * next. */
static void append(double matrix[9], const double next[9])
{
    double product[9];

    ic_matrix_multiply(product, matrix, next);
    memcpy(matrix, product, sizeof product);
}

/* The perspective map that takes the four points
 *
 *     (-1 - y, -1 - x)   (1 + y, -1 + x)
 *     (-1 + y,  1 + x)   (1 - y,  1 - x)
 *
 * to the corners of the square. Its inverse is, with projective scale,
 *
 *     1 - y^2    -x y     x
 *      -x y     1 - x^2   y
 *        x         y      1
 *
 * as multiplying it with the corners (+-1, +-1, 1) shows. The code has that matrix's
 * cofactors over 1 - x^2 - y^2. fastai solves eight equations for the same numbers. */
static void set_perspective(double matrix[9], double x, double y)
{
    const double d = 1 - x * x - y * y;
    const double twist = 2 * x * y / d;
    const double across = -x * (1 + y * y - x * x) / d;
    const double down = -y * (1 + x * x - y * y) / d;

    memcpy(matrix,
           (double[9]){1, twist, across, /**/ twist, 1, down, /**/ across, down, 1},
           9 * sizeof *matrix);
}

/* Appends the map from the crop's coordinates to the picture's. A picture or a crop of
 * one pixel has a single place. */
static void append_crop(double matrix[9], const struct ic_warp *warp, int side)
{
    const double half = side > 1 ? (side - 1) / 2.0 : 1;
    const double scale = side > 1 ? (warp->crop - 1) / 2.0 / half : 1;
    const double x = side > 1 ? warp->left / half + scale - 1 : 0;
    const double y = side > 1 ? warp->top / half + scale - 1 : 0;

    append(matrix, (double[9]){scale, 0, x, /**/ 0, scale, y, /**/ 0, 0, 1});
}

void ic_warp_matrix(double matrix[9], const struct ic_warp *warp, int side)
{
    const double radians = warp->degrees * (M_PI / 180);
    const double c = cos(radians), s = sin(radians), z = 1 / warp->zoom;
    const double zoom_x = (1 - z) * (2 * warp->zoom_x - 1);
    const double zoom_y = (1 - z) * (2 * warp->zoom_y - 1);

    assert(side >= 1 && warp->crop >= 1);
    assert(warp->left >= 0 && warp->left <= side - warp->crop);
    assert(warp->top >= 0 && warp->top <= side - warp->crop);
    set_perspective(matrix, warp->warp_x, warp->warp_y);
    if (warp->flip)
        append(matrix, (double[9]){-1, 0, 0, /**/ 0, 1, 0, /**/ 0, 0, 1});
    append(matrix, (double[9]){c, s, 0, /**/ -s, c, 0, /**/ 0, 0, 1});
    append(matrix, (double[9]){z, 0, zoom_x, /**/ 0, z, zoom_y, /**/ 0, 0, 1});
    append_crop(matrix, warp, side);
}
