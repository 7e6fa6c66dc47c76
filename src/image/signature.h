/* SPDX-License-Identifier: MIT */
/*
 * Identifies a picture's format by its first bytes, not by its name.
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
    IC_IMAGE_WEBP, /* read if im2cat is built with its library, as is TIFF */
    IC_IMAGE_TIFF,
    IC_IMAGE_FORMATS /* how many there are */
};

/* The format by the first bytes of a file; IC_IMAGE_UNKNOWN for all others. */
enum ic_image_format ic_image_identify(const uint8_t *bytes, size_t size);
const char *ic_image_format_name(enum ic_image_format format); /* "JPEG" ... */

/* The same for a message, also for formats that are not decoded: "a TIFF picture". */
const char *ic_image_describe(const uint8_t *bytes, size_t size);

#endif
