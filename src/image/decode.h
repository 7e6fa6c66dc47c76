/* SPDX-License-Identifier: MIT */
/*
 * Between decode.c and the decoders of the formats; private to this folder.
 *
 * A decoder reads a whole file in memory. It learns the picture's size from the header,
 * asks ic_image_begin for memory, and fills it. What it leaves in `image` when it fails
 * is freed by decode.c.
 */
#ifndef IC_IMAGE_DECODE_H
#define IC_IMAGE_DECODE_H

#include "image/image.h"

struct ic_image_source {
    const uint8_t *bytes;
    size_t size;
    const char *name; /* for messages */
    int side;         /* pixels that are enough of each side; 0: all are needed */
    char *warning;    /* IC_IMAGE_WARNING_SIZE bytes; empty so far */
};

/* Checks the size that a header gives against the limits and against what the file can
 * hold, `density` pixels a byte at the very most. So a few bytes cannot ask for the
 * memory and the time of a picture of the largest size. */
ic_status ic_image_check_claim(const struct ic_image_source *source,
                               unsigned long width, unsigned long height,
                               size_t density, struct ic_error *error);

/* Checks that, and allocates a picture of that size. */
ic_status ic_image_begin(struct ic_image *image, const struct ic_image_source *source,
                         unsigned long width, unsigned long height, size_t density,
                         struct ic_error *error);

/* Warns of a decoded picture whose grey of 16 bits was cut at 255, if that made any of
 * its pixels white: Pillow does the same, and few who have such pictures expect it. */
void ic_image_warn_of_white(const struct ic_image *image,
                            const struct ic_image_source *source);

ic_status ic_jpeg_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error);
ic_status ic_png_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error);
ic_status ic_gif_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error);
ic_status ic_bmp_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error);
#ifdef HAVE_WEBP
ic_status ic_webp_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error);
#endif
#ifdef HAVE_TIFF
ic_status ic_tiff_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error);
#endif

#endif
