/* SPDX-License-Identifier: MIT */
/*
 * Decodes TIFF 6.0 through libtiff: the first picture of a file, in strips or tiles,
 * with any of libtiff's compressions; bilevel, grey, palette, RGB and CMYK, of 1 to 16
 * bits per sample. Alpha is dropped, and the colour under it is kept. The tag
 * Orientation is obeyed, as in Pillow (which obeys it only in TIFF).
 *
 * libtiff decodes a block, which is a strip or a tile; tiff_colour.c converts its
 * samples to RGB.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "base/size.h"
#include "image/decode.h"
#include "image/tiff_colour.h"
#include "image/tiff_directory.h"
#include "image/turn.h"

/* The most pixels per byte: four bytes for a whole block's run of one-bit pixels. */
#define DENSITY_MAX (8 * 32768)

struct reader {
    const struct ic_image_source *source;
    TIFF *tiff;
    toff_t position;
    char failure[IC_IMAGE_WARNING_SIZE];
    struct ic_tiff_colour colour;
    uint32_t width, height;             /* as stored in the file */
    uint32_t block_width, block_height; /* of a strip or a tile */
    uint16_t planes; /* blocks that a pixel's samples are spread over */
    uint16_t orientation;
    size_t block_bytes; /* of one plane */
    uint8_t *block;     /* all planes of a block; owned */
};

/* --- libtiff's callbacks -----------------------------------------------------------
 */

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t count)
{
    struct reader *reader = handle;
    const size_t size = reader->source->size;
    const size_t at = reader->position < size ? (size_t)reader->position : size;
    const size_t taken = (size_t)count < size - at ? (size_t)count : size - at;

    memcpy(bytes, reader->source->bytes + at, taken);
    reader->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t write_bytes(thandle_t handle, void *bytes, tmsize_t count)
{
    return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int from)
{
    struct reader *reader = handle;

    if (from == SEEK_CUR)
        offset += reader->position;
    else if (from == SEEK_END)
        offset += reader->source->size;
    return reader->position = offset;
}

static int close_file(thandle_t handle)
{
    return 0;
}

static toff_t size_of(thandle_t handle)
{
    return ((struct reader *)handle)->source->size;
}

static int map_file(thandle_t handle, void **ret_base, toff_t *ret_size)
{
    const struct reader *reader = handle;

    *ret_base = (void *)(uintptr_t)reader->source->bytes;
    *ret_size = reader->source->size;
    return 1;
}

static void unmap_file(thandle_t handle, void *base, toff_t size) {}

/* Keeps the first failure; later ones are its consequences. */
static int note_failure(TIFF *tiff, void *data, const char *module, const char *format,
                        va_list values)
{
    struct reader *reader = data;

    if (reader->failure[0] == '\0')
        vsnprintf(reader->failure, sizeof reader->failure, format, values);
    return 1;
}

static int note_warning(TIFF *tiff, void *data, const char *module, const char *format,
                        va_list values)
{
    const struct reader *reader = data;
    char *warning = reader->source->warning;

    if (warning[0] == '\0')
        vsnprintf(warning, IC_IMAGE_WARNING_SIZE, format, values);
    return 1;
}

static ic_status damaged(const struct reader *reader, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s is a damaged or truncated TIFF: %s",
                   reader->source->name,
                   reader->failure[0] != '\0' ? reader->failure : "unknown cause");
}

/* --- the header --------------------------------------------------------------------
 */

static bool open_tiff(struct reader *reader)
{
    TIFFOpenOptions *const options = TIFFOpenOptionsAlloc();

    if (options == NULL)
        return false;
    TIFFOpenOptionsSetErrorHandlerExtR(options, note_failure, reader);
    TIFFOpenOptionsSetWarningHandlerExtR(options, note_warning, reader);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)IC_IMAGE_MAX_PIXELS * 4);
    reader->tiff =
        TIFFClientOpenExt(reader->source->name, "r", reader, read_bytes, write_bytes,
                          seek, close_file, size_of, map_file, unmap_file, options);
    TIFFOpenOptionsFree(options);
    return reader->tiff != NULL;
}

/* Reads the size of the blocks and allocates one. */
static ic_status read_blocks(struct reader *reader, struct ic_error *error)
{
    TIFF *const tiff = reader->tiff;
    const bool tiled = TIFFIsTiled(tiff);
    size_t pixels, bytes;

    reader->block_width = reader->width;
    reader->block_height = reader->height;
    if (tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &reader->block_width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &reader->block_height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &reader->block_height);
        if (reader->block_height > reader->height)
            reader->block_height = reader->height;
    }
    if (!ic_size_mul(reader->block_width, reader->block_height, &pixels) ||
        pixels == 0 || pixels > IC_IMAGE_MAX_PIXELS)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s is a TIFF in tiles of %u x %u pixels, which is too large",
                       reader->source->name, (unsigned)reader->block_width,
                       (unsigned)reader->block_height);
    reader->block_bytes = (size_t)(tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff));
    bytes = reader->block_bytes * reader->planes;
    if (reader->block_bytes <
        ic_tiff_row_bytes(&reader->colour, reader->block_width) * reader->block_height)
        return damaged(reader, error);
    reader->block = calloc(1, bytes);
    return reader->block != NULL ? IC_OK
                                 : ic_fail_memory(error, reader->source->name, bytes);
}

static ic_status read_header(struct reader *reader, struct ic_image *image,
                             struct ic_error *error)
{
    TIFF *const tiff = reader->tiff;
    uint16_t planar;
    bool turned;
    ic_status status;

    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &reader->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &reader->height))
        return damaged(reader, error);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &reader->orientation);
    if (reader->orientation < 1 || reader->orientation > 8)
        reader->orientation = ORIENTATION_TOPLEFT;
    turned = ic_turn_swaps(reader->orientation);
    status = ic_tiff_colour_read(&reader->colour, tiff, reader->source->name, error);
    if (status == IC_OK)
        status = ic_image_begin(
            image, reader->source, turned ? reader->height : reader->width,
            turned ? reader->width : reader->height, DENSITY_MAX, error);
    if (status != IC_OK)
        return status;
    reader->planes = planar == PLANARCONFIG_SEPARATE ? reader->colour.samples : 1;
    reader->colour.planar = reader->planes > 1;
    return read_blocks(reader, error);
}

/* --- pixels ------------------------------------------------------------------------
 */

/* The picture's pixel for the file's pixel at (x, y). */
static uint8_t *pixel_at(const struct reader *reader, const struct ic_image *image,
                         size_t x, size_t y)
{
    ic_turn_pixel(reader->orientation, reader->width, reader->height, &x, &y);
    return image->rgb + (y * (size_t)image->width + x) * 3;
}

/* Draws the part inside the picture of the block whose first pixel is (left, top). */
static void draw_block(const struct reader *reader, const struct ic_image *image,
                       size_t left, size_t top)
{
    const size_t row_bytes = ic_tiff_row_bytes(&reader->colour, reader->block_width);

    for (size_t y = 0; y < reader->block_height && top + y < reader->height; y++)
        for (size_t x = 0; x < reader->block_width && left + x < reader->width; x++)
            ic_tiff_pixel(&reader->colour, reader->block + y * row_bytes,
                          reader->block_bytes, x,
                          pixel_at(reader, image, left + x, top + y));
}

static ic_status read_pixels(struct reader *reader, const struct ic_image *image,
                             struct ic_error *error)
{
    TIFF *const tiff = reader->tiff;

    for (uint32_t top = 0; top < reader->height; top += reader->block_height)
        for (uint32_t left = 0; left < reader->width; left += reader->block_width) {
            for (uint16_t plane = 0; plane < reader->planes; plane++) {
                uint8_t *const bytes = reader->block + plane * reader->block_bytes;
                const tmsize_t size = (tmsize_t)reader->block_bytes;
                const tmsize_t read =
                    TIFFIsTiled(tiff)
                        ? TIFFReadEncodedTile(
                              tiff, TIFFComputeTile(tiff, left, top, 0, plane), bytes,
                              size)
                        : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, top, plane),
                                               bytes, size);

                if (read < 0)
                    return damaged(reader, error);
            }
            draw_block(reader, image, left, top);
        }
    return IC_OK;
}

ic_status ic_tiff_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error)
{
    struct reader reader = {.source = source};
    ic_status status;

    if (!ic_tiff_directory_is_whole(source->bytes, source->size))
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s is truncated: its %zu bytes end before its TIFF directory does",
            source->name, source->size);
    if (!open_tiff(&reader))
        return damaged(&reader, error);
    status = read_header(&reader, image, error);
    if (status == IC_OK)
        status = read_pixels(&reader, image, error);
    if (status == IC_OK && reader.colour.kind == IC_TIFF_GREY &&
        reader.colour.bits == 16)
        ic_image_warn_of_white(image, source);
    TIFFClose(reader.tiff);
    free(reader.block);
    return status;
}
