/*
 * Writes pictures: JPEG (baseline, RGB or grey) and PNG (RGB or grey), atomically but
 * without waiting for the disk; the same bytes for the same pixels and the same version
 * of the library.
 */
#ifndef IC_IMAGE_ENCODE_H
#define IC_IMAGE_ENCODE_H

#include <stdbool.h>

#include "image/image.h"

/* `quality` 1 to 100. `grey` stores the luma alone. */
ic_status ic_image_write_jpeg(const char *path, const struct ic_image *image,
                              int quality, bool grey, struct ic_error *error);
ic_status ic_image_write_png(const char *path, const struct ic_image *image, bool grey,
                             struct ic_error *error);

#endif
