/* SPDX-License-Identifier: MIT */
/*
 * Decodes BMP (Microsoft's "Bitmap Storage"; OS/2's first form): 1, 4, 8, 16, 24 and 32
 * bits per pixel, masks, and the run lengths of 4 and 8 bits. No library for it exists
 * on every system, and the format is small.
 *
 * As in Pillow, an index beyond the palette's end is black, except that after a grey
 * ramp the index is the grey; values of fewer than 8 bits are widened by v * 255 / max,
 * rounded down; alpha is dropped.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/decode.h"

enum compression { RAW, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS = 6 };

enum { FILE_HEADER = 14, RLE_DENSITY = 1 << 16 };

struct reader {
    const struct ic_image_source *source;
    size_t at; /* offset of the pixels in the file */
    uint32_t header, bits, compression, colours;
    uint32_t masks[3]; /* red, green, blue; of 16 and more bits */
    uint8_t palette[256][3];
    bool top_down;
};

static uint32_t number(const struct reader *reader, size_t at, int bytes)
{
    uint32_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)reader->source->bytes[at + (size_t)i] << (8 * i);
    return value;
}

static ic_status truncated(const struct ic_image_source *source, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s is truncated: its %zu bytes end before its BMP picture does",
                   source->name, source->size);
}

static ic_status unknown(const struct reader *reader, const char *what, uint32_t value,
                         struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s is a BMP picture with an unknown %s, %u",
                   reader->source->name, what, (unsigned)value);
}

/* --- the header ------------------------------------------------------------------- */

/* Reads the masks from the header or after its 40 bytes; else sets the usual masks. */
static ic_status read_masks(struct reader *reader, struct ic_error *error)
{
    static const uint32_t of_16[] = {0x7c00, 0x3e0, 0x1f};
    static const uint32_t of_24[] = {0xff0000, 0xff00, 0xff};
    const size_t at = FILE_HEADER + 40;

    memcpy(reader->masks, reader->bits == 16 ? of_16 : of_24, sizeof reader->masks);
    if (reader->compression == RAW || reader->bits < 16)
        return IC_OK;
    if (at + 12 > reader->source->size)
        return truncated(reader->source, error);
    if (number(reader, at, 4) == 0 && number(reader, at + 4, 4) == 0 &&
        number(reader, at + 8, 4) == 0)
        return IC_OK;
    for (size_t i = 0; i < 3; i++)
        reader->masks[i] = number(reader, at + 4 * i, 4);
    return IC_OK;
}

/* Whether the palette only maps index i to grey i, or two indices to black and white.
 */
static bool is_grey_ramp(const struct reader *reader, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t grey = (uint8_t)(count == 2 ? 255 * i : i);

        if (reader->palette[i][0] != grey || reader->palette[i][1] != grey ||
            reader->palette[i][2] != grey)
            return false;
    }
    return true;
}

/* Reads the palette at `at`, whose entries have `bytes` bytes. */
static ic_status read_palette(struct reader *reader, size_t at, size_t bytes,
                              struct ic_error *error)
{
    const size_t named = reader->colours > 0 ? reader->colours : 1u << reader->bits;
    const size_t count = named < 256 ? named : 256;

    if (named > 65536)
        return unknown(reader, "number of colours", reader->colours, error);
    if (at > reader->source->size || count * bytes > reader->source->size - at)
        return truncated(reader->source, error);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++)
            reader->palette[i][c] = reader->source->bytes[at + i * bytes + 2 - c];
    if (is_grey_ramp(reader, count))
        for (size_t i = count; i < 256; i++)
            memset(reader->palette[i], (int)i, 3);
    if (reader->at == FILE_HEADER + reader->header || reader->at == 0)
        reader->at = at + named * bytes; /* some writers give the palette's offset */
    return IC_OK;
}

static bool is_known_depth(const struct reader *reader)
{
    switch (reader->bits) {
    case 1:
    case 24:
        return reader->compression == RAW || reader->compression == BITFIELDS;
    case 4:
        return reader->compression == RAW || reader->compression == RLE4;
    case 8:
        return reader->compression == RAW || reader->compression == RLE8;
    case 16:
    case 32:
        return reader->compression == RAW || reader->compression == BITFIELDS ||
               reader->compression == ALPHA_BITFIELDS;
    default:
        return false;
    }
}

/* Reads everything before the pixels, and allocates the picture. */
static ic_status read_header(struct reader *reader, struct ic_image *image,
                             struct ic_error *error)
{
    const size_t size = reader->source->size;
    uint32_t width, height;
    bool small;
    ic_status status;

    if (size < FILE_HEADER + 12)
        return truncated(reader->source, error);
    reader->at = number(reader, 10, 4);
    reader->header = number(reader, FILE_HEADER, 4);
    small = reader->header == 12;
    if (!small && reader->header != 40 && reader->header != 52 &&
        reader->header != 56 && reader->header != 64 && reader->header != 108 &&
        reader->header != 124)
        return unknown(reader, "size of its header", reader->header, error);
    if (size < FILE_HEADER + reader->header)
        return truncated(reader->source, error);
    width = number(reader, 18, small ? 2 : 4);
    height = small ? number(reader, 20, 2) : number(reader, 22, 4);
    reader->bits = number(reader, small ? 24 : 28, 2);
    reader->compression = small ? (uint32_t)RAW : number(reader, 30, 4);
    reader->colours = small ? 0 : number(reader, 46, 4);
    reader->top_down = !small && height > INT32_MAX;
    if (reader->top_down)
        height = 0 - height;
    if (reader->compression > BITFIELDS && reader->compression != ALPHA_BITFIELDS)
        return unknown(reader, "compression", reader->compression, error);
    if (!is_known_depth(reader))
        return unknown(reader, "number of bits a pixel", reader->bits, error);
    status = ic_image_begin(
        image, reader->source, width, height,
        reader->compression == RLE8 || reader->compression == RLE4 ? RLE_DENSITY : 8,
        error);
    if (status == IC_OK)
        status = read_masks(reader, error);
    if (status == IC_OK && reader->bits <= 8)
        status =
            read_palette(reader, FILE_HEADER + reader->header, small ? 3 : 4, error);
    else if (status == IC_OK && reader->at == 0)
        reader->at = FILE_HEADER + reader->header +
                     (reader->header == 40 && reader->compression != RAW ? 12 : 0);
    return status;
}

/* --- pixels ----------------------------------------------------------------------- */

/* The picture's row for row y of the file. */
static uint8_t *row_of(const struct reader *reader, const struct ic_image *image,
                       size_t y)
{
    const size_t height = (size_t)image->height;

    return image->rgb +
           (reader->top_down ? y : height - 1 - y) * (size_t)image->width * 3;
}

/* The part of a pixel that a mask selects, scaled to 0 to 255. */
static uint8_t masked(uint32_t pixel, uint32_t mask)
{
    if (mask == 0)
        return 0;
    while ((mask & 1) == 0) {
        mask >>= 1;
        pixel >>= 1;
    }
    return (uint8_t)((uint64_t)(pixel & mask) * 255 / mask);
}

static void read_row(const struct reader *reader, uint8_t *rgb, size_t width, size_t at)
{
    const uint8_t *const bytes = reader->source->bytes + at;
    const uint32_t bits = reader->bits;

    for (size_t x = 0; x < width; x++, rgb += 3) {
        if (bits <= 8) {
            const size_t shift = 8 - bits - x * bits % 8;
            const int index = bytes[x * bits / 8] >> shift & ((1 << bits) - 1);

            memcpy(rgb, reader->palette[index], 3);
        } else {
            const uint32_t pixel = number(reader, at + x * bits / 8, (int)bits / 8);

            for (int c = 0; c < 3; c++)
                rgb[c] = masked(pixel, reader->masks[c]);
        }
    }
}

/* Rows are padded to a multiple of four bytes; the last row need not be. */
static ic_status read_rows(const struct reader *reader, const struct ic_image *image,
                           struct ic_error *error)
{
    const size_t width = (size_t)image->width, height = (size_t)image->height;
    const size_t needed = (width * reader->bits + 7) / 8,
                 pitch = (needed + 3) & ~(size_t)3;

    if (reader->at > reader->source->size ||
        (height - 1) * pitch + needed > reader->source->size - reader->at)
        return truncated(reader->source, error);
    for (size_t y = 0; y < height; y++)
        read_row(reader, row_of(reader, image, y), width, reader->at + y * pitch);
    return IC_OK;
}

/* --- run lengths ------------------------------------------------------------------ */

/* The position of the next pixel of a run, counted from the file's first row on. */
struct pen {
    const struct reader *reader;
    const struct ic_image *image;
    size_t place, places;
    size_t drawn; /* pixels in this row; a run beyond the row's end draws nothing */
};

/* Draws a pixel, or nothing after the last. */
static void draw(struct pen *pen, size_t index)
{
    const size_t width = (size_t)pen->image->width;

    if (pen->place == pen->places)
        return;
    memcpy(row_of(pen->reader, pen->image, pen->place / width) + pen->place % width * 3,
           pen->reader->palette[index], 3);
    pen->place++;
}

static void skip(struct pen *pen, size_t count)
{
    while (count-- > 0 && pen->place < pen->places)
        draw(pen, 0);
}

/* Pixel i of a run or a literal stretch: one byte, or half a byte for 4 bits. */
static size_t index_in(const struct reader *reader, const uint8_t *bytes, size_t i)
{
    if (reader->compression == RLE8)
        return bytes[i];
    return i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15;
}

/* Pairs of bytes: a count and the repeated byte, or zero and 0: end of the row, 1: end
 * of the picture, 2: a step to the right and up, n > 2: n literal pixels. */
static ic_status read_runs(const struct reader *reader, const struct ic_image *image,
                           struct ic_error *error)
{
    const size_t width = (size_t)image->width, size = reader->source->size;
    const uint8_t *const bytes = reader->source->bytes;
    struct pen pen = {
        .reader = reader, .image = image, .places = width * (size_t)image->height};
    size_t at = reader->at;

    while (pen.place < pen.places) {
        size_t count;
        uint8_t second;

        if (at > size || size - at < 2)
            return truncated(reader->source, error);
        count = bytes[at];
        second = bytes[at + 1];
        at += 2;
        if (count > 0) { /* a run, clipped to its row */
            const uint8_t both[2] = {second, second};
            const size_t left = pen.drawn < width ? width - pen.drawn : 0;

            if (count > left)
                count = left;
            pen.drawn += count;
            for (size_t i = 0; i < count; i++)
                draw(&pen,
                     index_in(reader, both, reader->compression == RLE8 ? 0 : i % 2));
        } else if (second == 0) {
            skip(&pen, (width - pen.place % width) % width);
            pen.drawn = 0;
        } else if (second == 1) {
            return truncated(reader->source, error);
        } else if (second == 2) {
            if (size - at < 2)
                return truncated(reader->source, error);
            skip(&pen, bytes[at] + bytes[at + 1] * width);
            pen.drawn = pen.place % width;
            at += 2;
        } else {
            const size_t stretch =
                reader->compression == RLE8 ? second : ((size_t)second + 1) / 2;

            if (size - at < stretch)
                return truncated(reader->source, error);
            for (size_t i = 0; i < second; i++)
                draw(&pen, index_in(reader, bytes + at, i));
            pen.drawn += second;
            at += stretch;
            at += at % 2; /* a literal stretch is padded to whole pairs of bytes */
        }
    }
    return IC_OK;
}

ic_status ic_bmp_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error)
{
    struct reader reader = {.source = source};
    const ic_status status = read_header(&reader, image, error);

    if (status != IC_OK)
        return status;
    return reader.compression == RLE8 || reader.compression == RLE4
               ? read_runs(&reader, image, error)
               : read_rows(&reader, image, error);
}
