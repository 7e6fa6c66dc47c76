/* SPDX-License-Identifier: MIT */
/*
 * Bilinear sampling of a square picture through a 3 x 3 matrix: the one resampling of
 * an augmented picture.
 *
 * It computes the same as fastai's _grid_sample (PyTorch's grid_sample: bilinear,
 * reflection, align_corners). Bilinear sampling reads four pixels and skips others
 * where the picture shrinks by more than two. So where the picture does, and the matrix
 * does not enlarge as much, it is first averaged to twice the output's size.
 */
#ifndef IC_IMAGE_SAMPLE_H
#define IC_IMAGE_SAMPLE_H

#include "image/image.h"

/* Writes size * size * 3 bytes to `out`. `square` is as wide as high. `matrix` maps the
 * output to the picture, as ic_warp_matrix gives it; beyond its edges the picture is
 * reflected. `curve` is a table of tone.h. Fails only when out of memory. */
ic_status ic_sample(uint8_t *out, const struct ic_image *square, int size,
                    const double matrix[9], const uint8_t *curve,
                    struct ic_error *error);

#endif
