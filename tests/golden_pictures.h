/* SPDX-License-Identifier: MIT */
/*
 * The encoded pictures of tests/golden/pillow.txt, for tests that damage them.
 */
#ifndef IC_TESTS_GOLDEN_PICTURES_H
#define IC_TESTS_GOLDEN_PICTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "golden.h"

#define GOLDEN_PICTURES_MAX 192

struct golden_picture {
    char name[80];
    uint8_t *bytes;
    size_t size;
};

struct golden_pictures {
    struct golden_picture items[GOLDEN_PICTURES_MAX];
    int count;
};

/* Whether this im2cat cannot read the format of the picture, by its golden name. */
static inline bool golden_picture_is_foreign(const char *name)
{
#ifndef HAVE_WEBP
    if (strncmp(name, "webp-", 5) == 0)
        return true;
#endif
#ifndef HAVE_TIFF
    if (strncmp(name, "tiff-", 5) == 0)
        return true;
#endif
    return false;
}

/* Appends the bytes of a line of hexadecimal digits. */
static inline void golden_picture_add(struct golden_picture *picture,
                                      const char *digits)
{
    unsigned value;

    picture->bytes = realloc(picture->bytes, picture->size + strlen(digits));
    if (picture->bytes == NULL)
        exit(99);
    for (; sscanf(digits, "%2x", &value) == 1; digits += 2)
        picture->bytes[picture->size++] = (uint8_t)value;
}

static inline void golden_pictures_load(struct golden_pictures *pictures)
{
    FILE *golden = golden_open("pillow.txt");
    char line[256];

    memset(pictures, 0, sizeof *pictures);
    while (golden_line(golden, line, sizeof line)) {
        if (sscanf(line, "file %79s", pictures->items[pictures->count].name) == 1)
            pictures->count++;
        if (pictures->count == GOLDEN_PICTURES_MAX)
            exit(99);
        if (strncmp(line, "hex ", 4) == 0 && pictures->count > 0)
            golden_picture_add(&pictures->items[pictures->count - 1], line + 4);
    }
    fclose(golden);
    for (int i = 0; i < pictures->count; i++)
        if (golden_picture_is_foreign(pictures->items[i].name)) {
            free(pictures->items[i].bytes);
            pictures->items[i--] = pictures->items[--pictures->count];
        }
}

static inline const struct golden_picture *
golden_pictures_find(const struct golden_pictures *pictures, const char *name)
{
    for (int i = 0; i < pictures->count; i++)
        if (strcmp(pictures->items[i].name, name) == 0)
            return &pictures->items[i];
    fprintf(stderr, "there is no golden picture %s\n", name);
    exit(99);
}

static inline void golden_pictures_free(struct golden_pictures *pictures)
{
    for (int i = 0; i < pictures->count; i++)
        free(pictures->items[i].bytes);
}

#endif
