/* SPDX-License-Identifier: MIT */
/*
 * Checks that a TIFF's first directory is whole: its entries and the values that they
 * point to. A part of tiff.c. libtiff skips a tag whose values lie beyond the file's
 * end and takes the tag's default: a truncated file would become another picture.
 *
 * TIFF 6.0, section 2: a file begins with the byte order, 42, and the offset of the
 * directory, which has a count of entries, each with a tag, a type, a count of values,
 * and the values or their offset. BigTIFF (43) has wider counts and offsets.
 */
#include "image/tiff_directory.h"

enum { PRIVATE = 32768 }; /* colours do not depend on tags from here on */

struct file {
    const uint8_t *bytes;
    uint64_t size;
    bool big_endian;
    int wide; /* bytes of an offset: 4, or 8 in BigTIFF */
};

/* Reads a number of `bytes` bytes; false beyond the end. */
static bool read_number(const struct file *file, uint64_t at, int bytes,
                        uint64_t *ret_value)
{
    *ret_value = 0;
    if (at > file->size || file->size - at < (uint64_t)bytes)
        return false;
    for (int i = 0; i < bytes; i++) {
        const int place = file->big_endian ? i : bytes - 1 - i;

        *ret_value = *ret_value << 8 | file->bytes[at + (uint64_t)place];
    }
    return true;
}

/* Bytes of a value by its type; 0 for unknown types. */
static uint64_t bytes_of_type(uint64_t type)
{
    static const uint8_t bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4,
                                    8, 4, 8, 4, 0, 0, 8, 8, 8};

    return type < sizeof bytes ? bytes[type] : 0;
}

/* Whether the values of the entry at `at` are within the file. */
static bool entry_is_whole(const struct file *file, uint64_t at)
{
    uint64_t tag, type, count, offset, bytes;

    if (!read_number(file, at, 2, &tag) || !read_number(file, at + 2, 2, &type) ||
        !read_number(file, at + 4, file->wide, &count) ||
        !read_number(file, at + 4 + (uint64_t)file->wide, file->wide, &offset))
        return false;
    if (tag >= PRIVATE)
        return true;
    if (count > file->size)
        return false;
    bytes = count * bytes_of_type(type);
    return bytes <= (uint64_t)file->wide ||
           (offset <= file->size && bytes <= file->size - offset);
}

bool ic_tiff_directory_is_whole(const uint8_t *bytes, size_t size)
{
    struct file file = {.bytes = bytes, .size = size, .wide = 4};
    uint64_t magic, at, entries;

    file.big_endian = size > 0 && bytes[0] == 'M';
    if (!read_number(&file, 2, 2, &magic))
        return false;
    if (magic == 43)
        file.wide = 8;
    if (!read_number(&file, (uint64_t)file.wide, file.wide, &at) ||
        !read_number(&file, at, file.wide == 8 ? 8 : 2, &entries))
        return false;
    at += file.wide == 8 ? 8 : 2;
    for (uint64_t i = 0; i < entries; i++, at += 4 + 2 * (uint64_t)file.wide)
        if (!entry_is_whole(&file, at))
            return false;
    return true;
}
