/* SPDX-License-Identifier: MIT */
/*
 * Brightness and contrast as fastai 2.8 has them: a straight line over the logits,
 *
 *     out = sigmoid(contrast * (logit(in) + logit(brightness))),
 *
 * as a table, since the curve is the same for every number of a picture.
 */
#ifndef IC_IMAGE_TONE_H
#define IC_IMAGE_TONE_H

#include <stdint.h>

/* Samples are in 1/256 of a level: 0 to IC_TONE_WHITE. */
#define IC_TONE_WHITE (255 * 256)
#define IC_TONE_SIZE  (IC_TONE_WHITE + 1)

/* curve[sample] is the level, 0 to 255, rounded. `brightness` is between 0 and 1, where
 * 0.5 changes nothing; `contrast` is above 0, and 1 changes nothing. */
void ic_tone_curve(uint8_t curve[IC_TONE_SIZE], double brightness, double contrast);

#endif
