/* SPDX-License-Identifier: MIT */
/*
 * Writes pictures as JPEG (baseline, RGB or grey) and PNG (RGB or grey), to memory, or
 * to a file, atomically but without waiting for the disk. The bytes are the same for
 * the same pixels and the same version of the library.
 */
#ifndef IC_IMAGE_ENCODE_H
#define IC_IMAGE_ENCODE_H

#include <stdbool.h>

#include "image/image.h"
#include "image/signature.h"

/* `quality` is from 1 to 100. `grey` stores only the luma. */
ic_status ic_image_write_jpeg(const char *path, const struct ic_image *image,
                              int quality, bool grey, struct ic_error *error);
ic_status ic_image_write_png(const char *path, const struct ic_image *image, bool grey,
                             struct ic_error *error);

/* Encodes into memory that the caller frees, as IC_IMAGE_JPEG (with `quality`) or
 * IC_IMAGE_PNG. */
ic_status ic_image_encode(const struct ic_image *image, enum ic_image_format format,
                          int quality, uint8_t **ret_bytes, size_t *ret_size,
                          struct ic_error *error);

#endif
