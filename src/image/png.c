/* SPDX-License-Identifier: MIT */
/*
 * Decodes PNG (ISO/IEC 15948) through libpng: all colour types, depths and interlacing.
 * Alpha is dropped, and the colour under it is kept.
 *
 * libpng converts to 8-bit RGB except in two cases that Pillow treats in its own way
 * and that we therefore convert ourselves: a palette (an index beyond its end is black)
 * and 16-bit grey (clipped to 255, whereas 16-bit colours are cut to their high byte).
 * Text, colour profiles and the like are skipped without being unpacked.
 *
 * A file that is cut behind its pixels is read, as for JPEG: what follows them, such as
 * their checksum, tells nothing about the picture. libpng takes the bytes in pieces and
 * drops a piece that is not whole, so a cut file is read again in pieces of one byte.
 *
 * libpng reports fatal errors by a longjmp, which stays within this file.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "image/decode.h"

/* Deflate's best ratio: 258 bytes from one bit each for the length and the distance. */
#define DEFLATE_RATIO (258 * 8 / 2)

struct reader {
    png_structp png;
    png_infop info;
    const struct ic_image_source *source;
    size_t position;
    bool cut_off;
    bool by_bytes; /* see above */
    char failure[IC_IMAGE_WARNING_SIZE];
    png_bytep *rows; /* owned */
};

/* --- libpng's callbacks --------------------------------------------------------- */

static void leave(png_structp png, png_const_charp message)
{
    struct reader *reader = png_get_error_ptr(png);

    snprintf(reader->failure, sizeof reader->failure, "%s", message);
    png_longjmp(png, 1);
}

/* Keeps the first warning. */
static void note(png_structp png, png_const_charp message)
{
    const struct reader *reader = png_get_error_ptr(png);
    char *warning = reader->source->warning;

    if (warning[0] == '\0')
        snprintf(warning, IC_IMAGE_WARNING_SIZE, "%s", message);
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count)
{
    struct reader *reader = png_get_io_ptr(png);

    if (count > reader->source->size - reader->position) {
        reader->cut_off = true;
        png_error(png, "the file ends");
    }
    memcpy(bytes, reader->source->bytes + reader->position, count);
    reader->position += count;
}

/* --- decoding ------------------------------------------------------------------- */

static bool open_reader(struct reader *reader)
{
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, leave, note);
    if (reader->png == NULL)
        return false;
    reader->info = png_create_info_struct(reader->png);
    return reader->info != NULL;
}

/* Reads up to the pixels, allocates the picture, and sets libpng's conversions. Returns
 * in *bytes how many bytes libpng will write per pixel: 3, or 1 or 2 where this file
 * converts. */
static ic_status read_header(struct reader *reader, struct ic_image *image, int *bytes,
                             struct ic_error *error)
{
    png_structp png = reader->png;
    png_byte type, depth;
    size_t bits; /* per pixel */
    ic_status status;

    png_set_read_fn(png, reader, read_bytes);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    if (reader->by_bytes)
        png_set_compression_buffer_size(png, 1);
    png_read_info(png, reader->info);
    type = png_get_color_type(png, reader->info);
    depth = png_get_bit_depth(png, reader->info);
    bits = (size_t)depth * png_get_channels(png, reader->info);
    status = ic_image_begin(
        image, reader->source, png_get_image_width(png, reader->info),
        png_get_image_height(png, reader->info), DEFLATE_RATIO * 8 / bits, error);
    if (status != IC_OK)
        return status;
    *bytes = type == PNG_COLOR_TYPE_PALETTE               ? 1
             : type == PNG_COLOR_TYPE_GRAY && depth == 16 ? 2
                                                          : 3;
    if (*bytes == 1) {
        png_set_packing(png);
    } else if (*bytes == 3) {
        png_set_expand_gray_1_2_4_to_8(png);
        png_set_strip_16(png);
        png_set_strip_alpha(png);
        png_set_gray_to_rgb(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    return IC_OK;
}

/* Expands a row of palette indices, at the end of a row of RGB, to the RGB in place.
 * Pixel x is read at 2 width + x, before anything at or beyond it is written at 3 x. */
static void expand_palette(uint8_t *rgb, int width, const png_color table[256])
{
    const uint8_t *index = rgb + 2 * (size_t)width;

    for (int x = 0; x < width; x++) {
        const png_color colour = table[index[x]];
        rgb[3 * x + 0] = colour.red;
        rgb[3 * x + 1] = colour.green;
        rgb[3 * x + 2] = colour.blue;
    }
}

/* The same for 16-bit grey, high byte first, which begins at byte `width`. */
static void expand_grey_16(uint8_t *rgb, int width)
{
    const uint8_t *grey = rgb + (size_t)width;

    for (int x = 0; x < width; x++) {
        const uint8_t value = grey[2 * x] ? 255 : grey[2 * x + 1];
        memset(rgb + 3 * x, value, 3);
    }
}

static void expand_rows(struct reader *reader, const struct ic_image *image, int bytes)
{
    png_color table[256] = {{0, 0, 0}};
    png_colorp palette;
    int count = 0;

    if (bytes == 1 && png_get_PLTE(reader->png, reader->info, &palette, &count))
        memcpy(table, palette, (size_t)count * sizeof table[0]);
    for (int y = 0; y < image->height; y++) {
        uint8_t *rgb = image->rgb + (size_t)y * image->width * 3;
        if (bytes == 1)
            expand_palette(rgb, image->width, table);
        else
            expand_grey_16(rgb, image->width);
    }
}

/* Whether libpng has written every row: of the last pass, where there are passes. */
static bool has_all_rows(const struct reader *reader)
{
    if (reader->rows == NULL)
        return false;
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_ADAM7)
        return png_get_current_pass_number(reader->png) == PNG_INTERLACE_ADAM7_PASSES;
    return png_get_current_row_number(reader->png) ==
           png_get_image_height(reader->png, reader->info);
}

/* Reads all rows, as libpng gives them. */
static ic_status read_rows(struct reader *reader, struct ic_image *image, int *bytes,
                           struct ic_error *error)
{
    const char *name = reader->source->name;
    ic_status status;

    if (setjmp(png_jmpbuf(reader->png)) != 0) {
        if (reader->cut_off && has_all_rows(reader))
            return IC_OK;
        if (reader->cut_off)
            return ic_fail(
                error, IC_ERR_FORMAT,
                "%s is truncated: its %zu bytes end before its PNG picture does", name,
                reader->source->size);
        return ic_fail(error, IC_ERR_FORMAT, "%s is a damaged PNG: %s", name,
                       reader->failure);
    }
    status = read_header(reader, image, bytes, error);
    if (status != IC_OK)
        return status;
    reader->rows = malloc((size_t)image->height * sizeof *reader->rows);
    if (reader->rows == NULL)
        return ic_fail_memory(error, name, image->height * sizeof *reader->rows);
    for (int y = 0; y < image->height; y++)
        reader->rows[y] =
            image->rgb + ((size_t)y * 3 + (3 - (size_t)*bytes)) * image->width;
    png_read_image(reader->png, reader->rows);
    return IC_OK;
}

static ic_status decode(struct reader *reader, struct ic_image *image,
                        struct ic_error *error)
{
    ic_status status;
    int bytes;

    if (!open_reader(reader))
        status = ic_fail_memory(error, reader->source->name, sizeof *reader);
    else
        status = read_rows(reader, image, &bytes, error);
    if (status == IC_OK && bytes != 3)
        expand_rows(reader, image, bytes);
    if (status == IC_OK && bytes == 2)
        ic_image_warn_of_white(image, reader->source);
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader->rows);
    return status;
}

ic_status ic_png_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error)
{
    struct reader reader = {.source = source};
    const ic_status status = decode(&reader, image, error);

    if (status == IC_OK || !reader.cut_off)
        return status;
    ic_image_free(image);
    reader = (struct reader){.source = source, .by_bytes = true};
    return decode(&reader, image, error);
}
