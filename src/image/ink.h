/* SPDX-License-Identifier: MIT */
/*
 * Converts ink to light as Pillow does: light = (255 - K) (1 - C / 255), and so for M
 * and Y.
 */
#ifndef IC_IMAGE_INK_H
#define IC_IMAGE_INK_H

#include <stdint.h>

/* a b / 255, rounded. */
static inline int ic_scale_255(int a, int b)
{
    const int product = a * b + 128;

    return (product + (product >> 8)) >> 8;
}

/* The light left by `ink` of one colour and by `black`, 0 to 255 each. */
static inline uint8_t ic_light_of_ink(int ink, int black)
{
    const int light = 255 - black;

    return (uint8_t)(light - ic_scale_255(ink, light));
}

#endif
