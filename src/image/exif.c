/* SPDX-License-Identifier: MIT */
/*
 * Finds the orientation among a JPEG's segments. See exif.h.
 *
 * A JPEG begins with segments: 0xff, a marker, a length of two bytes that counts
 * itself, data. The segment of EXIF has the marker APP1 and holds "Exif", two zeros,
 * and a TIFF whose first directory has the tag.
 */
#include "image/exif.h"

#include <stdbool.h>
#include <string.h>

enum { START_OF_SCAN = 0xda, APP1 = 0xe1, ORIENTATION = 0x0112, SHORT = 3 };

/* A TIFF in memory. */
struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big_endian;
};

/* Reads a number of `count` bytes; 0 beyond the end. */
static uint32_t number(const struct tiff *tiff, size_t at, int count)
{
    uint32_t value = 0;

    if (at > tiff->size || tiff->size - at < (size_t)count)
        return 0;
    for (int i = 0; i < count; i++)
        value = value << 8 |
                tiff->bytes[at + (size_t)(tiff->big_endian ? i : count - 1 - i)];
    return value;
}

/* The tag's value in the first directory; 1 where the tag is missing. */
static int read_tiff(const uint8_t *bytes, size_t size)
{
    struct tiff tiff = {bytes, size, size > 0 && bytes[0] == 'M'};
    const size_t directory = number(&tiff, 4, 4);
    const uint32_t entries = number(&tiff, directory, 2);

    for (uint32_t i = 0; i < entries; i++) {
        const size_t entry = directory + 2 + 12 * (size_t)i;
        const uint32_t value = number(&tiff, entry + 8, 2);

        if (number(&tiff, entry, 2) == ORIENTATION &&
            number(&tiff, entry + 2, 2) == SHORT && value >= 1 && value <= 8)
            return (int)value;
    }
    return 1;
}

int ic_exif_orientation(const uint8_t *bytes, size_t size)
{
    static const char name[6] = "Exif\0";
    const struct tiff jpeg = {bytes, size, true};
    size_t at = 2;

    if (number(&jpeg, 0, 2) != 0xffd8)
        return 1;
    while (number(&jpeg, at, 1) == 0xff && number(&jpeg, at + 1, 1) != START_OF_SCAN) {
        const size_t length = number(&jpeg, at + 2, 2);

        if (length < 2 || length + 2 > size - at)
            return 1;
        if (bytes[at + 1] == APP1 && length > 2 + sizeof name &&
            memcmp(bytes + at + 4, name, sizeof name) == 0)
            return read_tiff(bytes + at + 4 + sizeof name, length - 2 - sizeof name);
        at += 2 + length;
    }
    return 1;
}

const char *ic_exif_turn(int orientation)
{
    static const char *const turns[] = {
        [2] = "mirrored",
        [3] = "turned by 180 degrees",
        [4] = "turned upside down by a mirror",
        [5] = "mirrored and turned left by 90 degrees",
        [6] = "turned right by 90 degrees",
        [7] = "mirrored and turned right by 90 degrees",
        [8] = "turned left by 90 degrees",
    };

    return orientation >= 2 && orientation <= 8 ? turns[orientation] : "left as it is";
}
