/* SPDX-License-Identifier: MIT */
/*
 * Small pictures for tests, written by the library's own encoders.
 */
#ifndef IC_TESTS_PICTURES_H
#define IC_TESTS_PICTURES_H

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "image/encode.h"

/* A picture whose pixels depend on their position and on `number`. */
static inline struct ic_image picture_draw(int width, int height, int number)
{
    struct ic_image image = {width, height,
                             check_alloc((size_t)width * (size_t)height, 3)};

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *pixel = image.rgb + 3 * ((size_t)y * (size_t)width + (size_t)x);

            pixel[0] = (uint8_t)(7 * x + 3 * y + 11 * number);
            pixel[1] = (uint8_t)(5 * x + 13 * y + 29 * number);
            pixel[2] = (uint8_t)((x ^ y) * 9 + 3 * number);
        }
    return image;
}

/* Writes folder/name, a PNG or a JPEG. */
static inline void picture_put(const char *folder, const char *name, bool png,
                               int width, int height, int number)
{
    struct ic_image image = picture_draw(width, height, number);
    char *path = folder_path(folder, "%s", name);
    struct ic_error error;

    folder_make_parents(path);
    if ((png ? ic_image_write_png(path, &image, false, &error)
             : ic_image_write_jpeg(path, &image, 90, false, &error)) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    ic_image_free(&image);
    free(path);
}

/* Adds EXIF with this orientation to a JPEG, behind its first two bytes. */
static inline void picture_add_exif(const char *folder, const char *name,
                                    int orientation)
{
    const uint8_t exif[] = {
        0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
        'M',  'M',  0, 42, 0,   0,   0,   8,   0, 1,
        1,    0x12, 0, 3,  0,   0,   0,   1,   0, (uint8_t)orientation,
        0,    0,    0, 0,  0,   0};
    char *path = folder_path(folder, "%s", name);
    struct ic_error error;
    uint8_t *bytes, *more;
    size_t size;

    if (ic_file_read(path, 1 << 20, &bytes, &size, &error) != IC_OK)
        folder_broke(path);
    more = check_alloc(size + sizeof exif, 1);
    memcpy(more, bytes, 2);
    memcpy(more + 2, exif, sizeof exif);
    memcpy(more + 2 + sizeof exif, bytes + 2, size - 2);
    folder_put(folder, name, more, size + sizeof exif);
    free(more);
    free(bytes);
    free(path);
}

#endif
