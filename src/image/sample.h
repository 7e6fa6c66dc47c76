/* SPDX-License-Identifier: MIT */
/*
 * Bilinear sampling of a square picture along a 3 x 3 matrix: the one resampling of an
 * augmented picture.
 *
 * What fastai's _grid_sample computes (PyTorch's grid_sample: bilinear, reflection,
 * align_corners). Bilinear sampling looks at four pixels and skips others where the
 * picture shrinks by more than two. So where it does, and the matrix does not enlarge
 * as much, the picture is first averaged to twice the output's size.
 */
#ifndef IC_IMAGE_SAMPLE_H
#define IC_IMAGE_SAMPLE_H

#include "image/image.h"

/* Writes size * size * 3 bytes to `out`. `square` is as wide as high. `matrix` leads
 * from the output to the picture, as ic_warp_matrix gives it; what lies beyond the
 * picture is its reflection. `curve` is a table of tone.h. Fails for lack of memory
 * only. */
ic_status ic_sample(uint8_t *out, const struct ic_image *square, int size,
                    const double matrix[9], const uint8_t *curve,
                    struct ic_error *error);

#endif
