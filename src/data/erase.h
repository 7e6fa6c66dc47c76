/* SPDX-License-Identifier: MIT */
/*
 * Random erasing: a rectangle of a training picture becomes noise, so that the network
 * does not rely on one part alone (Zhong et al., "Random Erasing Data Augmentation",
 * AAAI 2020; as in fastai 2.8's RandomErasing).
 */
#ifndef IC_DATA_ERASE_H
#define IC_DATA_ERASE_H

#include <stdint.h>

#include "base/random.h"

struct ic_erasure {
    int left, top, width, height; /* pixels; width 0: nothing is erased */
    struct ic_random noise;       /* where the stream of the noise begins */
};

/* Draws a rectangle of a picture of side `size`: up to 0.3 of its area, with sides in a
 * ratio of 0.3 to 1 / 0.3, evenly by the ratio's logarithm. `random` is used up. */
void ic_erase_draw(struct ic_erasure *ret_erasure, int size, struct ic_random *random);

/* Fills the rectangle of a picture of side `size` (size * size * 3 bytes): each number
 * is normal with the mean and the deviation that pictures are normalised by, and cut to
 * 0 to 255. */
void ic_erase_apply(uint8_t *rgb, int size, const struct ic_erasure *erasure);

#endif
