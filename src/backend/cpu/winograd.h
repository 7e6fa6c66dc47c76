/* SPDX-License-Identifier: MIT */
/*
 * Winograd's minimal filtering, F(4x4, 3x3), for its files: winograd.c (forward and
 * data gradient), winograd_gradient.c (weight gradient), winograd_tiles.c (where tiles
 * lie), winograd_weight.c (weights); the transforms are in winograd_body.h.
 *
 * Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016,
 * section 4. A tile of 4 x 4 pixels of the output sees a patch d of 6 x 6 pixels of the
 * input. For one channel and taps g (3 x 3) it is
 *
 *   y = A^T [ (G g G^T) * (B^T d B) ] A             * element by element: 36 products
 *                                                   instead of 4 x 4 x 3 x 3 = 144
 *         | 1  0  -5/2   0   1  0 |        |   1     0    0  |
 *         | 0 -r   -2   r/2  1  0 |        | -2/3  -r/3 -1/3 |
 *   B^T = | 0  r   -2  -r/2  1  0 |    G = | -2/3   r/3 -1/3 |    r = the root of 2
 *         | 0 -r/2 -1/2  r   1  0 |        |  1/6   r/6  1/3 |
 *         | 0  r/2 -1/2 -r   1  0 |        |  1/6  -r/6  1/3 |
 *         | 0  1    0  -5/2  0  1 |        |   0     0    1  |
 *
 *         | 1   1    1   1    1   0 |
 *   A^T = | 0  r/2 -r/2  r   -r   0 |
 *         | 0  1/2  1/2  2    2   0 |
 *         | 0  r/4 -r/4  2r  -2r  1 |
 *
 * Origin of the matrices: taps and pixels are the coefficients of two polynomials, and
 * their product is determined by its values at five points and its highest coefficient.
 * A^T has the powers of the points, G the powers over the differences from the other
 * points, B^T the coefficients of the polynomials that vanish at the other points. Any
 * points will do. The powers of the paper's 0, 1, -1, 2, -2 go from 1 to 8; those of
 * 0, r/2, -r/2, r, -r stay closer to 1, which halves the rounding error and costs
 * nothing.
 *
 * With many channels, the sum over in channels comes before A, and is, for each of the
 * 36 positions f ("frequencies"), a product of matrices, tiles x in times in x out:
 *
 *   M[f] = V[f] U[f]        V = B^T d B, U = G g G^T, y = A^T M A
 *
 * The data gradient is the same with dy as input and the taps reversed. The weight
 * gradient is the adjoint of the formula in g, with Z = A dy A^T:
 *
 *   dU[f] = V[f]^T Z[f]     dg = G^T dU G
 *
 * The algorithm is for 3 x 3 taps and stride 1. Its rounding errors are three to five
 * times those of the direct sum.
 */
#ifndef IC_BACKEND_CPU_WINOGRAD_H
#define IC_BACKEND_CPU_WINOGRAD_H

#include "backend/cpu/conv.h"
#include "backend/cpu/correlation.h"

enum {
    IC_WINOGRAD_TILE = 4,
    IC_WINOGRAD_PATCH = 6,
    IC_WINOGRAD_TAPS = 3,
    IC_TILE_PIXELS = IC_WINOGRAD_TILE * IC_WINOGRAD_TILE,
    IC_TILE_TAPS = IC_WINOGRAD_TAPS * IC_WINOGRAD_TAPS,
    IC_FREQUENCIES = 36
};

/* Whether the algorithm can compute this convolution. */
bool ic_winograd_applies(const struct ic_conv *conv);

/* --- tiles ------------------------------------------------------------------------ */

/* The tiles of a batch's grid of windows, picture by picture, row by row. */
struct ic_winograd_tiles {
    size_t down, across; /* of a picture */
    size_t count;
};

struct ic_winograd_tiles ic_winograd_tiles(const struct ic_correlation *c);

/* The squares of side `side` in an NHWC batch that belong to the tiles. The squares of
 * neighbouring tiles are IC_WINOGRAD_TILE pixels apart; the first begins at (top,
 * left). */
struct ic_winograd_square {
    void *pixels; /* batch, height, width, channels; of `type` */
    enum ic_type type;
    size_t height, width, channels;
    int top, left;
    size_t side;
};

/* The places of a tile's pixels, row by row; NULL for a pixel beyond an edge. */
void ic_winograd_locate(void **at, const struct ic_winograd_square *square,
                        const struct ic_winograd_tiles *tiles, size_t tile);

/* `count` channels of a tile's pixels in fp32, row by row: their places in the array,
 * or else copies in `copy` (side x side x count); `zeros` (count) for a pixel beyond an
 * edge. */
void ic_winograd_read(const float **at, float *copy,
                      const struct ic_winograd_square *square,
                      const struct ic_winograd_tiles *tiles, size_t tile,
                      const float *zeros, size_t count);

/* --- weights ---------------------------------------------------------------------- */

/* Writes U for a correlation: [panel][frequency][in][IC_PANEL], panels of out channels,
 * the last filled up with zeros. `transposed` is for the data gradient, where the taps
 * are reversed and in and out change places. The taps, times the `scale` of their out
 * channel unless it is NULL, are rounded to conv->type and then transformed; only a
 * forward pass has a scale. */
void ic_winograd_transform_weight(struct ic_device *device, float *transformed,
                                  const float *weight, const float *scale,
                                  const struct ic_conv *conv, bool transposed);

/* --- the weight gradient ---------------------------------------------------------- */

size_t ic_winograd_gradient_workspace(const struct ic_device *device,
                                      const struct ic_conv *conv);
void ic_winograd_backward_weight(struct ic_device *device, float *dweight,
                                 const void *dy, const void *x, void *workspace,
                                 const struct ic_conv *conv);

#endif
