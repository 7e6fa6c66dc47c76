/* SPDX-License-Identifier: MIT */
/*
 * CutMix: a rectangle of each picture is replaced by that of another picture, and the
 * losses are mixed by the areas.
 *
 * In fastai's form, one rectangle serves the whole batch. With x from Beta(alpha,
 * alpha) its sides are sqrt(1 - x) of the picture's, its centre is uniform over the
 * pixels, and the part that would lie outside the picture is cut off.
 *
 * Source: Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with
 * Localizable Features", ICCV 2019, section 3 and appendix A.
 */
#ifndef IC_TRAIN_CUTMIX_H
#define IC_TRAIN_CUTMIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

/* Pixels from left to right - 1 and from top to bottom - 1; may be empty. */
struct ic_cut {
    int left, top, right, bottom;
};

/* Returns the rectangle for a share x in [0, 1] and a centre. */
struct ic_cut ic_cut_at(double x, int centre_x, int centre_y, int size);

/* Draws the rectangle of a batch of pictures of side `size`. `random` is used up. */
struct ic_cut ic_cut_draw(double alpha, int size, struct ic_random *random);

/* Returns the part of a picture that stays its own: 1 - area / size^2. */
double ic_cut_share(const struct ic_cut *cut, int size);

/* Writes `own` with the rectangle of `other` to `rgb`: pictures of size x size x 3
 * bytes.
 */
void ic_cut_apply(uint8_t *rgb, const uint8_t *own, const uint8_t *other,
                  const struct ic_cut *cut, int size);

#endif
