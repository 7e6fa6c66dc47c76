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
    IC_IMAGE_BMP /* told by content, but not read */
};

/* The format that the first bytes of a file say; IC_IMAGE_UNKNOWN for all others. */
enum ic_image_format ic_image_identify(const uint8_t *bytes, size_t size);
const char *ic_image_format_name(enum ic_image_format format); /* "JPEG" ... */

/* The same for a message, of a format that is not decoded, too: "a TIFF picture". */
const char *ic_image_describe(const uint8_t *bytes, size_t size);

#endif
