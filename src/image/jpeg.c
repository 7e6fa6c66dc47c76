/* SPDX-License-Identifier: MIT */
/*
 * Decodes JPEG (ITU-T T.81) through libjpeg: baseline and progressive, grey, RGB,
 * YCbCr, CMYK and YCCK, 8 bits per sample.
 *
 * libjpeg's defaults (accurate integer IDCT, smooth upsampling) are also Pillow's. The
 * source "suspends" where the file ends, instead of inventing an end marker as
 * libjpeg's own source does. So truncated files are distinguished from whole files, by
 * the rule that Pillow follows.
 *
 * Where fewer pixels suffice, libjpeg leaves out the high frequencies: an inverse DCT
 * of 4 x 4, 2 x 2 or 1 x 1 points in place of 8 x 8.
 *
 * libjpeg reports fatal errors by a longjmp, which stays within this file.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

#include "image/decode.h"
#include "image/ink.h"

/* A progressive file may hold any number of scans, each as costly as the whole picture.
 * Real files have about ten. */
#define SCANS_MAX 100

/* The most pixels per byte: a block of 8 x 8 takes at least a Huffman code of one bit,
 * for its mean. */
#define DENSITY_MAX 512

/* Rows asked for at once; libjpeg hands out as many as it has ready. */
#define ROWS_MAX 16

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_source_mgr input;
    jmp_buf escape;
    char *warning;
    char failure[JMSG_LENGTH_MAX];
    uint8_t *cmyk; /* one row, for CMYK files; owned */
};

/* --- libjpeg's callbacks -------------------------------------------------------- */

static void leave(j_common_ptr jpeg)
{
    struct reader *reader = jpeg->client_data;

    jpeg->err->format_message(jpeg, reader->failure);
    longjmp(reader->escape, 1);
}

/* Keeps the first warning; traces have a level of 0 or more. */
static void note(j_common_ptr jpeg, int level)
{
    struct reader *reader = jpeg->client_data;
    char message[JMSG_LENGTH_MAX];

    if (level >= 0 || jpeg->err->num_warnings++ > 0)
        return;
    jpeg->err->format_message(jpeg, message);
    snprintf(reader->warning, IC_IMAGE_WARNING_SIZE, "%s", message);
}

static void stay_silent(j_common_ptr jpeg) {}

static void count_scans(j_common_ptr jpeg)
{
    struct reader *reader = jpeg->client_data;

    if (reader->jpeg.input_scan_number <= SCANS_MAX)
        return;
    snprintf(reader->failure, sizeof reader->failure, "it has more than %d scans",
             SCANS_MAX);
    longjmp(reader->escape, 1);
}

static void do_nothing(j_decompress_ptr jpeg) {}

static boolean have_no_more(j_decompress_ptr jpeg)
{
    return FALSE;
}

static void skip_bytes(j_decompress_ptr jpeg, long count)
{
    struct jpeg_source_mgr *input = jpeg->src;

    if (count <= 0)
        return;
    if ((size_t)count > input->bytes_in_buffer)
        count = (long)input->bytes_in_buffer;
    input->next_input_byte += count;
    input->bytes_in_buffer -= (size_t)count;
}

/* --- decoding ------------------------------------------------------------------- */

static void open_reader(struct reader *reader, const struct ic_image_source *source)
{
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = leave;
    reader->errors.emit_message = note;
    reader->errors.output_message = stay_silent;
    reader->jpeg.client_data = reader;
    jpeg_create_decompress(&reader->jpeg);
    reader->progress.progress_monitor = count_scans;
    reader->jpeg.progress = &reader->progress;
    reader->input.init_source = do_nothing;
    reader->input.fill_input_buffer = have_no_more;
    reader->input.skip_input_data = skip_bytes;
    reader->input.resync_to_restart = jpeg_resync_to_restart;
    reader->input.term_source = do_nothing;
    reader->input.next_input_byte = source->bytes;
    reader->input.bytes_in_buffer = source->size;
    reader->jpeg.src = &reader->input;
}

static ic_status cut_off(const struct ic_image_source *source, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s is truncated: its %zu bytes end before its JPEG picture does",
                   source->name, source->size);
}

/* The factor by which a picture may shrink, of those that libjpeg offers. */
static unsigned choose_reduction(const struct jpeg_decompress_struct *jpeg, int side)
{
    const unsigned least = (unsigned)side;
    unsigned reduction = side > 0 ? 8 : 1;

    while (reduction > 1 && (jpeg->image_width / reduction < least ||
                             jpeg->image_height / reduction < least))
        reduction /= 2;
    return reduction;
}

/* Computes the output size and allocates the picture. The header's full size is
 * checked, too, since the output may be a fraction of it. */
static ic_status allocate(struct jpeg_decompress_struct *jpeg, struct ic_image *image,
                          const struct ic_image_source *source, struct ic_error *error)
{
    /* Arithmetic codes have no minimum length. */
    const size_t density = jpeg->arith_code ? IC_IMAGE_MAX_PIXELS : DENSITY_MAX;
    const ic_status status = ic_image_check_claim(source, jpeg->image_width,
                                                  jpeg->image_height, density, error);

    if (status != IC_OK)
        return status;
    jpeg->scale_num = 1;
    jpeg->scale_denom = choose_reduction(jpeg, source->side);
    jpeg_calc_output_dimensions(jpeg);
    return ic_image_begin(image, source, jpeg->output_width, jpeg->output_height,
                          density, error);
}

/* Reads up to the first scan and allocates the picture. */
static ic_status read_header(struct reader *reader, struct ic_image *image,
                             const struct ic_image_source *source,
                             struct ic_error *error)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    ic_status status;
    int found;

    do
        found = jpeg_read_header(jpeg, FALSE);
    while (found == JPEG_HEADER_TABLES_ONLY);
    if (found == JPEG_SUSPENDED)
        return cut_off(source, error);
    if (jpeg->data_precision != 8)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is a JPEG of %d bits a sample; im2cat reads 8", source->name,
                       jpeg->data_precision);
    if (jpeg->num_components != 1 && jpeg->num_components != 3 &&
        jpeg->num_components != 4)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is a JPEG of %d components; im2cat reads 1, 3 and 4",
                       source->name, jpeg->num_components);
    status = allocate(jpeg, image, source, error);
    if (status != IC_OK)
        return status;
    if (jpeg->num_components == 4) {
        jpeg->out_color_space = JCS_CMYK;
        reader->cmyk = malloc((size_t)image->width * 4);
        if (reader->cmyk == NULL)
            return ic_fail_memory(error, source->name, (size_t)image->width * 4);
    } else {
        jpeg->out_color_space = JCS_RGB;
    }
    return IC_OK;
}

/*
 * Converts ink to light. Pillow takes every CMYK file as inverted, as Adobe writes them
 * (255 is no ink).
 */
static void convert_cmyk(uint8_t *rgb, const uint8_t *cmyk, int width)
{
    for (int x = 0; x < width; x++)
        for (int c = 0; c < 3; c++)
            rgb[3 * x + c] =
                ic_light_of_ink(255 - cmyk[4 * x + c], 255 - cmyk[4 * x + 3]);
}

/* Reads up to ROWS_MAX rows from output_scanline on; false where the file ends. */
static bool read_rows(struct reader *reader, struct ic_image *image)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    const size_t stride = (size_t)image->width * 3;
    uint8_t *rgb = image->rgb + stride * jpeg->output_scanline;
    JSAMPROW rows[ROWS_MAX];
    JDIMENSION left = jpeg->output_height - jpeg->output_scanline;

    if (reader->cmyk != NULL) {
        rows[0] = reader->cmyk;
        if (jpeg_read_scanlines(jpeg, rows, 1) == 0)
            return false;
        convert_cmyk(rgb, reader->cmyk, image->width);
        return true;
    }
    left = left < ROWS_MAX ? left : ROWS_MAX;
    for (JDIMENSION i = 0; i < left; i++)
        rows[i] = rgb + i * stride;
    return jpeg_read_scanlines(jpeg, rows, left) > 0;
}

static ic_status decode(struct reader *reader, struct ic_image *image,
                        const struct ic_image_source *source, struct ic_error *error)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    ic_status status;

    if (setjmp(reader->escape) != 0) {
        if (reader->errors.msg_code == JERR_OUT_OF_MEMORY)
            return ic_fail_memory(error, source->name, 0);
        return ic_fail(error, IC_ERR_FORMAT, "%s is a damaged JPEG: %s", source->name,
                       reader->failure);
    }
    open_reader(reader, source);
    status = read_header(reader, image, source, error);
    if (status != IC_OK)
        return status;
    if (!jpeg_start_decompress(jpeg))
        return cut_off(source, error);
    while (jpeg->output_scanline < jpeg->output_height)
        if (!read_rows(reader, image))
            return cut_off(source, error);
    /* All rows are decoded, so a missing end marker does not matter. */
    jpeg_finish_decompress(jpeg);
    return IC_OK;
}

ic_status ic_jpeg_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error)
{
    struct reader reader = {.warning = source->warning};
    const ic_status status = decode(&reader, image, source, error);

    jpeg_destroy_decompress(&reader.jpeg);
    free(reader.cmyk);
    return status;
}
