/* SPDX-License-Identifier: MIT */
/*
 * Reads a picture's file, for tests of written pictures.
 */
#ifndef IC_TESTS_IMAGE_FILE_H
#define IC_TESTS_IMAGE_FILE_H

#include <stdlib.h>

#include "base/file.h"
#include "image/image.h"

/* Reads and decodes a file, as ic_image_decode does. */
static inline ic_status image_read(const char *path, struct ic_image *ret_image,
                                   char *warning, struct ic_error *error)
{
    uint8_t *bytes;
    size_t size;
    ic_status status = ic_file_read(path, IC_IMAGE_MAX_FILE, &bytes, &size, error);

    if (status != IC_OK)
        return status;
    status = ic_image_decode(bytes, size, path, ret_image, warning, error);
    free(bytes);
    return status;
}

#endif
