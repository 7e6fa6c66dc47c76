/* SPDX-License-Identifier: MIT */
/*
 * Reads back the drawings that the library writes: their text and their pictures.
 */
#ifndef IC_TESTS_DRAWING_H
#define IC_TESTS_DRAWING_H

#include "base/file.h"
#include "check.h"
#include "image/image.h"

/* A whole file as a string; the caller frees it. */
static inline char *drawing_read(const char *path)
{
    struct ic_error error;
    uint8_t *bytes = NULL;
    size_t size;

    if (ic_file_read(path, 1 << 26, &bytes, &size, &error) != IC_OK) {
        CHECK_FAIL("%s", error.message);
        return check_alloc(1, 1);
    }
    return (char *)bytes;
}

/* Counts how often `part` occurs in the text. */
static inline int drawing_count(const char *text, const char *part)
{
    int count = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

static inline int drawing_base64_value(char letter)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;

    return found != NULL ? (int)(found - letters) : -1;
}

/* Decodes base64 that ends with a quote, bit by bit. The caller frees the bytes. */
static inline uint8_t *drawing_decode(const char *letters, size_t *ret_size)
{
    const size_t length = strcspn(letters, "\"");
    uint8_t *bytes = check_alloc(length, 1);
    size_t bits = 0;

    CHECK_INT(length % 4, 0);
    for (size_t i = 0; i < length && letters[i] != '='; i++) {
        const int value = drawing_base64_value(letters[i]);

        CHECK(value >= 0);
        for (int bit = 5; bit >= 0; bit--, bits++)
            if (value >> bit & 1)
                bytes[bits / 8] |= (uint8_t)(0x80 >> bits % 8);
    }
    *ret_size = bits / 8;
    return bytes;
}

/* The bytes of picture `index` of a drawing, which has that type ("png", "jpeg"). The
 * caller frees them. NULL, and a failure, where there is no such picture. */
static inline uint8_t *drawing_picture_bytes(const char *text, int index,
                                             const char *type, size_t *ret_size)
{
    char start[64];

    for (int i = 0; i <= index && text != NULL; i++) {
        text = strstr(text, "<image ");
        text = text != NULL ? strstr(text, "xlink:href=\"data:") : NULL;
        text = text != NULL ? text + strlen("xlink:href=\"data:") : NULL;
    }
    snprintf(start, sizeof start, "image/%s;base64,", type);
    if (text == NULL || strncmp(text, start, strlen(start)) != 0) {
        CHECK_FAIL("picture %d is no %s: %.40s", index, type, text ? text : "none");
        return NULL;
    }
    return drawing_decode(text + strlen(start), ret_size);
}

/* Checks the pixels of picture `index`: equal for a PNG, close for a JPEG. */
static inline void drawing_check_picture(const char *text, int index, const char *type,
                                         const uint8_t *rgb, int width, int height)
{
    const double tolerance = strcmp(type, "png") == 0 ? 0 : 12;
    struct ic_image image = {0};
    struct ic_error error;
    double sum = 0;
    size_t size = 0;
    uint8_t *bytes = drawing_picture_bytes(text, index, type, &size);

    if (bytes == NULL)
        return;
    CHECK_OK(ic_image_decode(bytes, size, "it", &image, NULL, &error));
    CHECK_INT(image.width, width);
    CHECK_INT(image.height, height);
    for (int i = 0; i < image.width * image.height * 3; i++)
        sum += (image.rgb[i] - rgb[i]) * (image.rgb[i] - rgb[i]);
    CHECK_NEAR(sqrt(sum / (width * height * 3)), 0, tolerance);
    ic_image_free(&image);
    free(bytes);
}

#endif
