/* SPDX-License-Identifier: MIT */
/*
 * Decodes pictures to 8-bit RGB: JPEG, PNG, GIF (first frame), BMP and, where im2cat
 * was built with their libraries, WebP (first frame) and TIFF (first page). The content
 * decides, not the name.
 *
 * The bytes are those that Pillow's Image.open(path).convert("RGB") gives: libjpeg's
 * default decoder (islow IDCT, fancy upsampling), grey replicated, CMYK and YCCK as
 * Pillow inverts them, palettes looked up, 16-bit depths cut as Pillow cuts them, alpha
 * dropped, EXIF orientation not applied (TIFF's tag Orientation is).
 */
#ifndef IC_IMAGE_IMAGE_H
#define IC_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Limits checked against the header, before any pixel is allocated. */
#define IC_IMAGE_MAX_SIDE   32768
#define IC_IMAGE_MAX_PIXELS ((size_t)178956970) /* Pillow's bomb limit */
#define IC_IMAGE_MAX_FILE   ((size_t)1 << 28)   /* bytes of a picture file */

/* Room for a decoder's warning, its final zero included. */
#define IC_IMAGE_WARNING_SIZE 200

/* The formats that can be read: "JPEG, PNG, ...". */
extern const char ic_image_formats[];

/* 8-bit RGB, interleaved, rows from the top: height * width * 3 bytes. */
struct ic_image {
    int width, height;
    uint8_t *rgb; /* owned */
};

/* Decodes a picture held in memory. `name` is for messages. `warning`, unless NULL,
 * gets the decoder's first warning (a damaged JPEG that still decodes) or an empty
 * string; it has room for IC_IMAGE_WARNING_SIZE bytes. A file that ends before its
 * picture does is refused. On failure *ret_image is all zero. */
ic_status ic_image_decode(const uint8_t *bytes, size_t size, const char *name,
                          struct ic_image *ret_image, char *warning,
                          struct ic_error *error);

/* The same where `side` pixels per side suffice. A JPEG is decoded by a smaller inverse
 * DCT, at the smallest of the scales 1/1, 1/2, 1/4 and 1/8 that leaves both sides,
 * rounded up, at least that long: the bytes of Pillow's draft("RGB", (side, side)).
 * Smaller pictures and other formats are decoded whole; a side of 0 asks for the whole
 * picture. */
ic_status ic_image_decode_reduced(const uint8_t *bytes, size_t size, const char *name,
                                  int side, struct ic_image *ret_image, char *warning,
                                  struct ic_error *error);

/* Refuses a picture without pixels (IC_ERR_FORMAT) and one that exceeds the limits
 * (IC_ERR_LIMIT). `name` is for messages. */
ic_status ic_image_check_size(const char *name, unsigned long width,
                              unsigned long height, struct ic_error *error);

/* Allocates a picture whose size is within the limits; not cleared. */
ic_status ic_image_alloc(struct ic_image *ret_image, int width, int height,
                         struct ic_error *error);

/* Frees the pixels and clears the structure; a picture of all zeros is fine. */
void ic_image_free(struct ic_image *image);

#endif
