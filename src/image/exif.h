/* SPDX-License-Identifier: MIT */
/*
 * The orientation that a camera records in a JPEG (EXIF 2.32, 4.6.5: tag 0x0112): how
 * the picture must be turned to be upright. Decoding does not turn it, as in Pillow and
 * fastai.
 */
#ifndef IC_IMAGE_EXIF_H
#define IC_IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* 2 to 8 as in EXIF, or 1 (upright) where the file has no orientation or is no JPEG. */
int ic_exif_orientation(const uint8_t *bytes, size_t size);

/* How a picture of that orientation must be turned: "turned right by 90 degrees". */
const char *ic_exif_turn(int orientation);

#endif
