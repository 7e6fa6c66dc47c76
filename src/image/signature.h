/* SPDX-License-Identifier: MIT */
/*
 * The format of a picture by its first bytes, not by its name.
 */
#ifndef IC_IMAGE_SIGNATURE_H
#define IC_IMAGE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

enum ic_image_format {
    IC_IMAGE_UNKNOWN,
    IC_IMAGE_JPEG,
    IC_IMAGE_PNG,
    IC_IMAGE_GIF,
    IC_IMAGE_BMP,
    IC_IMAGE_WEBP, /* read where im2cat is built with its library, as TIFF is */
    IC_IMAGE_TIFF,
    IC_IMAGE_FORMATS /* how many there are */
};

/* The format that the first bytes of a file say; IC_IMAGE_UNKNOWN for all others. */
enum ic_image_format ic_image_identify(const uint8_t *bytes, size_t size);
const char *ic_image_format_name(enum ic_image_format format); /* "JPEG" ... */

/* The same for a message, of a format that is not decoded, too: "a TIFF picture". */
const char *ic_image_describe(const uint8_t *bytes, size_t size);

#endif
