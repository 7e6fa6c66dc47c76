/* SPDX-License-Identifier: MIT */
/*
 * Converts the samples of a TIFF to RGB. A part of tiff.c.
 */
#ifndef IC_IMAGE_TIFF_COLOUR_H
#define IC_IMAGE_TIFF_COLOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tiffio.h>

#include "base/error.h"

struct ic_tiff_colour {
    enum { IC_TIFF_GREY, IC_TIFF_PALETTE, IC_TIFF_RGB, IC_TIFF_CMYK } kind;
    uint16_t bits, samples; /* bits per sample, samples per pixel */
    bool planar;            /* each sample has its own block */
    bool inverted;          /* grey: 0 is white */
    bool premultiplied;     /* RGB: by the alpha that is its fourth sample */
    uint8_t palette[256][3];
};

/* Reads the tags. Refuses samples that are not integers of 1, 2, 4, 8 or 16 bits, and
 * other kinds of colours, by name. */
ic_status ic_tiff_colour_read(struct ic_tiff_colour *ret_colour, TIFF *tiff,
                              const char *name, struct ic_error *error);

/* Bytes of a block's row of `width` pixels. */
size_t ic_tiff_row_bytes(const struct ic_tiff_colour *colour, size_t width);

/* Converts pixel x of a row, whose planes are `plane_bytes` apart. */
void ic_tiff_pixel(const struct ic_tiff_colour *colour, const uint8_t *row,
                   size_t plane_bytes, size_t x, uint8_t *rgb);

#endif
