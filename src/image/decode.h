/* SPDX-License-Identifier: MIT */
/*
 * The interface between decode.c and the decoders of the formats; private to this
 * folder.
 *
 * A decoder reads a whole file in memory. It reads the picture's size from the header,
 * gets memory from ic_image_begin, and fills it. After a failure, decode.c frees
 * `image`.
 */
#ifndef IC_IMAGE_DECODE_H
#define IC_IMAGE_DECODE_H

#include "image/image.h"

struct ic_image_source {
    const uint8_t *bytes;
    size_t size;
    const char *name; /* for messages */
    int side;         /* pixels that suffice for each side; 0: all are needed */
    char *warning;    /* IC_IMAGE_WARNING_SIZE bytes; empty at first */
};

/* Checks the header's picture size against the limits and against the pixels that the
 * file can hold, at most `density` per byte. So a file of a few bytes cannot demand the
 * memory and the time of the largest picture. */
ic_status ic_image_check_claim(const struct ic_image_source *source,
                               unsigned long width, unsigned long height,
                               size_t density, struct ic_error *error);

/* Makes the same check and allocates a picture of that size. */
ic_status ic_image_begin(struct ic_image *image, const struct ic_image_source *source,
                         unsigned long width, unsigned long height, size_t density,
                         struct ic_error *error);

/* Warns of a decoded picture whose 16-bit grey was clipped at 255, if that made any
 * pixel white: Pillow clips, too, and few users of such pictures expect it. */
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
