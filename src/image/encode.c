/* SPDX-License-Identifier: MIT */
/*
 * Encodes JPEG through libjpeg and PNG through libpng, into a file that appears when it
 * is complete, or into memory. See encode.h.
 *
 * Both libraries report fatal errors by a longjmp, which stays within this file. They
 * write through stdio, to memory, too; a failed write shows on the stream.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

#include "base/file.h"
#include "image/encode.h"

#define FAILURE_SIZE 200

/* The target format of a picture. */
struct encoding {
    enum ic_image_format format; /* JPEG or PNG */
    int quality;                 /* of JPEG */
    bool grey;
};

/* Reports the failure of the stream or, without one, of the library. */
static ic_status explain(FILE *stream, const char *name, enum ic_image_format format,
                         const char *failure, struct ic_error *error)
{
    if (ferror(stream))
        return ic_fail_errno(error, "cannot write %s", name);
    return ic_fail(error, IC_ERR_LIMIT, "cannot write %s as %s: %s", name,
                   ic_image_format_name(format), failure);
}

/* --- JPEG ----------------------------------------------------------------------- */

struct jpeg_writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    char failure[JMSG_LENGTH_MAX];
};

static void leave_jpeg(j_common_ptr jpeg)
{
    struct jpeg_writer *writer = jpeg->client_data;

    jpeg->err->format_message(jpeg, writer->failure);
    longjmp(writer->escape, 1);
}

static void ignore_message(j_common_ptr jpeg) {}

/* Writes baseline JPEG, 4:2:0, with libjpeg's standard tables; false when it jumped. */
static bool compress_jpeg(struct jpeg_writer *writer, FILE *stream,
                          const struct ic_image *image, int quality, bool grey)
{
    struct jpeg_compress_struct *jpeg = &writer->jpeg;

    if (setjmp(writer->escape) != 0)
        return false;
    jpeg->err = jpeg_std_error(&writer->errors);
    writer->errors.error_exit = leave_jpeg;
    writer->errors.output_message = ignore_message;
    jpeg->client_data = writer;
    jpeg_create_compress(jpeg);
    jpeg_stdio_dest(jpeg, stream);
    jpeg->image_width = (JDIMENSION)image->width;
    jpeg->image_height = (JDIMENSION)image->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    if (grey)
        jpeg_set_colorspace(jpeg, JCS_GRAYSCALE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = image->rgb + (size_t)jpeg->next_scanline * image->width * 3;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

static ic_status put_jpeg(FILE *stream, const char *name, const struct ic_image *image,
                          const struct encoding *encoding, struct ic_error *error)
{
    struct jpeg_writer jpeg = {.failure = ""};
    ic_status status = IC_OK;

    if (encoding->quality < 1 || encoding->quality > 100)
        return ic_fail(error, IC_ERR_USAGE,
                       "a JPEG's quality is between 1 and 100, not %d",
                       encoding->quality);
    if (!compress_jpeg(&jpeg, stream, image, encoding->quality, encoding->grey))
        status = explain(stream, name, IC_IMAGE_JPEG, jpeg.failure, error);
    jpeg_destroy_compress(&jpeg.jpeg);
    return status;
}

/* --- PNG ------------------------------------------------------------------------ */

struct png_writer {
    png_structp png;
    png_infop info;
    uint8_t *line; /* one row of grey; owned */
    char failure[FAILURE_SIZE];
};

static void leave_png(png_structp png, png_const_charp message)
{
    struct png_writer *writer = png_get_error_ptr(png);

    snprintf(writer->failure, sizeof writer->failure, "%s", message);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {}

/* Luma of ITU-R BT.601 in 16 bits of fixed point, as Pillow's convert("L"). */
static void convert_to_grey(uint8_t *grey, const uint8_t *rgb, int width)
{
    for (int x = 0; x < width; x++)
        grey[x] = (uint8_t)((19595 * rgb[3 * x] + 38470 * rgb[3 * x + 1] +
                             7471 * rgb[3 * x + 2] + 32768) >>
                            16);
}

/* Writes PNG without interlacing, with libpng's choice of filters; false when it
 * jumped. */
static bool compress_png(struct png_writer *writer, FILE *stream,
                         const struct ic_image *image, bool grey)
{
    png_structp png = writer->png;

    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_init_io(png, stream);
    png_set_IHDR(png, writer->info, (png_uint_32)image->width,
                 (png_uint_32)image->height, 8,
                 grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(png, writer->info);
    for (int y = 0; y < image->height; y++) {
        const uint8_t *rgb = image->rgb + (size_t)y * image->width * 3;
        if (grey)
            convert_to_grey(writer->line, rgb, image->width);
        png_write_row(png, grey ? writer->line : rgb);
    }
    png_write_end(png, NULL);
    return true;
}

static bool open_png(struct png_writer *writer, int width)
{
    writer->line = malloc((size_t)width);
    writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, leave_png,
                                          ignore_warning);
    if (writer->line == NULL || writer->png == NULL)
        return false;
    writer->info = png_create_info_struct(writer->png);
    return writer->info != NULL;
}

static ic_status put_png(FILE *stream, const char *name, const struct ic_image *image,
                         const struct encoding *encoding, struct ic_error *error)
{
    struct png_writer png = {.failure = "out of memory"};
    ic_status status = IC_OK;

    if (!open_png(&png, image->width) ||
        !compress_png(&png, stream, image, encoding->grey))
        status = explain(stream, name, IC_IMAGE_PNG, png.failure, error);
    png_destroy_write_struct(&png.png, &png.info);
    free(png.line);
    return status;
}

/* --- to a file, to memory ------------------------------------------------------- */

/* `name` is for messages. */
static ic_status put(FILE *stream, const char *name, const struct ic_image *image,
                     const struct encoding *encoding, struct ic_error *error)
{
    return encoding->format == IC_IMAGE_JPEG
               ? put_jpeg(stream, name, image, encoding, error)
               : put_png(stream, name, image, encoding, error);
}

static ic_status write_file(const char *path, const struct ic_image *image,
                            const struct encoding *encoding, struct ic_error *error)
{
    struct ic_file_writer file = {0};
    ic_status status = ic_file_writer_open(&file, path, error);

    if (status != IC_OK)
        return status;
    file.hasty = true;
    status = put(file.stream, path, image, encoding, error);
    if (status == IC_OK)
        return ic_file_writer_commit(&file, error);
    ic_file_writer_abort(&file);
    return status;
}

ic_status ic_image_write_jpeg(const char *path, const struct ic_image *image,
                              int quality, bool grey, struct ic_error *error)
{
    const struct encoding encoding = {IC_IMAGE_JPEG, quality, grey};

    return write_file(path, image, &encoding, error);
}

ic_status ic_image_write_png(const char *path, const struct ic_image *image, bool grey,
                             struct ic_error *error)
{
    const struct encoding encoding = {.format = IC_IMAGE_PNG, .grey = grey};

    return write_file(path, image, &encoding, error);
}

ic_status ic_image_encode(const struct ic_image *image, enum ic_image_format format,
                          int quality, uint8_t **ret_bytes, size_t *ret_size,
                          struct ic_error *error)
{
    const struct encoding encoding = {format, quality, false};
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    ic_status status;

    assert(format == IC_IMAGE_JPEG || format == IC_IMAGE_PNG);
    if (stream == NULL)
        return ic_fail_memory(error, "an encoded picture", 0);
    status = put(stream, "a picture", image, &encoding, error);
    if (fclose(stream) != 0 && status == IC_OK)
        status = ic_fail_memory(error, "an encoded picture", size);
    if (status != IC_OK) {
        free(bytes);
        return status;
    }
    *ret_bytes = (uint8_t *)bytes;
    *ret_size = size;
    return IC_OK;
}
