/* SPDX-License-Identifier: MIT */
/*
 * Formats recognised by content, refusals and their words, and limits.
 */
#include <limits.h>
#include <stdbool.h>
#include <zlib.h>

#include "base/file.h"
#include "folder.h"
#include "golden_pictures.h"
#include "image/encode.h"
#include "image/exif.h"
#include "image/image.h"
#include "image/signature.h"
#include "image_file.h"

static struct golden_pictures pictures;

/* --- making files ----------------------------------------------------------------- */

struct bytes {
    uint8_t data[4096];
    size_t size;
};

static void add(struct bytes *bytes, const void *data, size_t size)
{
    if (size > sizeof bytes->data - bytes->size)
        exit(99);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void add_u32(struct bytes *bytes, uint32_t value)
{
    const uint8_t big[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                            (uint8_t)(value >> 8), (uint8_t)value};

    add(bytes, big, 4);
}

static void add_chunk(struct bytes *png, const char *kind, const void *data,
                      size_t size)
{
    const size_t start = png->size + 4;

    add_u32(png, (uint32_t)size);
    add(png, kind, 4);
    add(png, data, size);
    add_u32(png, ic_file_crc32(0, png->data + start, size + 4));
}

/* The signature and IHDR of an RGB picture of 8 bits. */
static struct bytes png_start(uint32_t width, uint32_t height)
{
    struct bytes png = {.size = 0}, header = {.size = 0};

    add_u32(&header, width);
    add_u32(&header, height);
    add(&header, "\x08\x02\0\0\0", 5);
    add(&png, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&png, "IHDR", header.data, header.size);
    return png;
}

/* The pixels, all zero, `size` bytes of them, compressed by zlib. */
static void add_zero_pixels(struct bytes *png, size_t size)
{
    uint8_t *raw = check_alloc(size, 1), packed[2048];
    uLongf packed_size = sizeof packed;

    if (compress2(packed, &packed_size, raw, size, 9) != Z_OK)
        exit(99);
    add_chunk(png, "IDAT", packed, packed_size);
    add_chunk(png, "IEND", "", 0);
    free(raw);
}

/* --- recognition ------------------------------------------------------------------ */

static void test_identify(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum ic_image_format format;
        const char *name;
    } cases[] = {
        {"\xff\xd8\xff\xe0", 4, IC_IMAGE_JPEG, "JPEG"},
        {"\xff\xd8\xff", 3, IC_IMAGE_JPEG, "JPEG"},
        {"\xff\xd8", 2, IC_IMAGE_UNKNOWN, "unknown"},
        {"\x89PNG\r\n\x1a\n", 8, IC_IMAGE_PNG, "PNG"},
        {"\x89PNG\r\n\x1a", 7, IC_IMAGE_UNKNOWN, "unknown"},
        {"\x89PNG\n\x1a\n\0", 8, IC_IMAGE_UNKNOWN, "unknown"},
        {"GIF87a", 6, IC_IMAGE_GIF, "GIF"},
        {"GIF89a", 6, IC_IMAGE_GIF, "GIF"},
        {"GIF88a", 6, IC_IMAGE_UNKNOWN, "unknown"},
        {"BM", 2, IC_IMAGE_BMP, "BMP"},
        {"RIFF1234WEBP", 12, IC_IMAGE_WEBP, "WebP"},
        {"RIFF1234WAVE", 12, IC_IMAGE_UNKNOWN, "unknown"},
        {"II*\0", 4, IC_IMAGE_TIFF, "TIFF"},
        {"MM\0*", 4, IC_IMAGE_TIFF, "TIFF"},
        {"MM\0+", 4, IC_IMAGE_TIFF, "TIFF"},
        {"", 0, IC_IMAGE_UNKNOWN, "unknown"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const enum ic_image_format format =
            ic_image_identify((const uint8_t *)cases[i].bytes, cases[i].size);
        CHECK_INT(format, cases[i].format);
        CHECK_STRING(ic_image_format_name(format), cases[i].name);
    }
}

/* --- EXIF ------------------------------------------------------------------------- */

/* A JPEG's first segments: one of JFIF, then EXIF with a directory of two entries. */
static size_t put_exif(uint8_t *jpeg, bool big_endian, int orientation)
{
    static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4, 'J', 'F'};
    static const uint8_t big[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2,
                                  1, 0, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0,
                                  1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0};
    static const uint8_t little[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
                                     0, 1, 3, 0, 1, 0, 0, 0, 9, 0, 0, 0,
                                     0x12, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    const size_t tiff = sizeof big;
    size_t at = 0;

    memcpy(jpeg, head, sizeof head);
    at += sizeof head;
    memcpy(jpeg + at, (uint8_t[]){0xff, 0xe1, 0, (uint8_t)(8 + tiff)}, 4);
    memcpy(jpeg + at + 4, "Exif\0\0", 6);
    memcpy(jpeg + at + 10, big_endian ? big : little, tiff);
    jpeg[at + 10 + (big_endian ? 31 : 30)] = (uint8_t)orientation;
    at += 10 + tiff;
    memcpy(jpeg + at, (uint8_t[]){0xff, 0xda}, 2);
    return at + 2;
}

static void test_exif(void)
{
    uint8_t jpeg[80], *exact;
    size_t size;

    for (int orientation = 1; orientation <= 8; orientation++)
        for (int big_endian = 0; big_endian < 2; big_endian++) {
            size = put_exif(jpeg, big_endian, orientation);
            CHECK_INT(ic_exif_orientation(jpeg, size), orientation);
        }
    CHECK_STRING(ic_exif_turn(6), "turned right by 90 degrees");
    CHECK_STRING(ic_exif_turn(1), "left as it is");
    size = put_exif(jpeg, false, 9);
    CHECK_INT(ic_exif_orientation(jpeg, size), 1);
    /* Cut anywhere, and with any byte changed, the parser reads nothing past the end.
     */
    put_exif(jpeg, true, 6);
    for (size_t cut = 0; cut <= size; cut++) {
        exact = check_alloc(cut, 1);
        memcpy(exact, jpeg, cut);
        CHECK(ic_exif_orientation(exact, cut) == (cut < size - 2 ? 1 : 6));
        for (size_t i = 0; i < cut; i++)
            for (int value = 0; value < 256; value += 17) {
                exact[i] = (uint8_t)value;
                CHECK(ic_exif_orientation(exact, cut) >= 1);
                exact[i] = jpeg[i];
            }
        free(exact);
    }
    CHECK_INT(ic_exif_orientation((const uint8_t *)"GIF89a", 6), 1);
}

/* Decoding fails with this message, and leaves nothing allocated. */
static void refuse(const void *bytes, size_t size, ic_status status, const char *text)
{
    struct ic_image image = {1, 1, NULL};
    char warning[IC_IMAGE_WARNING_SIZE] = "old";
    struct ic_error error;

    CHECK_FAILS(
        ic_image_decode(bytes, size, "pets/Abyssinian_1.jpg", &image, warning, &error),
        status, text);
    CHECK(strncmp(error.message, "pets/Abyssinian_1.jpg ", 22) == 0);
    CHECK(image.rgb == NULL && image.width == 0 && image.height == 0);
    CHECK(strcmp(warning, "old") != 0);
}

static void test_refused_content(void)
{
    refuse("", 0, IC_ERR_FORMAT, "is empty");
    refuse("BM\x36\x10\0\0", 6, IC_ERR_FORMAT, "is truncated: its 6 bytes end before");
#ifdef HAVE_WEBP
    refuse("RIFF\x10\0\0\0WEBPVP8 ", 16, IC_ERR_FORMAT, "is truncated: its 16 bytes");
#else
    refuse(
        "RIFF\x10\0\0\0WEBPVP8 ", 16, IC_ERR_FORMAT,
        "is a WebP picture; this im2cat was built without libwebp, and reads JPEG, ");
#endif
#ifdef HAVE_TIFF
    refuse("II*\0\x08\0\0\0", 8, IC_ERR_FORMAT, "is truncated: its 8 bytes end before");
#else
    refuse(
        "II*\0\x08\0\0\0", 8, IC_ERR_FORMAT,
        "is a TIFF picture; this im2cat was built without libtiff, and reads JPEG, ");
#endif
    refuse("hello", 5, IC_ERR_FORMAT,
           "is not in a known picture format; im2cat reads JPEG, PNG, GIF, BMP");
    refuse("<!doctype html>", 15, IC_ERR_FORMAT, "is a web page;");
    refuse("version https://git-lfs.github.com/spec/v1\n", 43, IC_ERR_FORMAT,
           "is a pointer of Git LFS, not the file itself;");
    refuse("\0\0\0\x1c"
           "ftypavif",
           12, IC_ERR_FORMAT, "is an AVIF picture;");
    refuse("\0\0\0\x1c"
           "ftypheix",
           12, IC_ERR_FORMAT, "is a HEIC picture;");
    refuse("MATLAB 5.0 MAT-file", 19, IC_ERR_FORMAT, "is a MATLAB file;");
    refuse("<!DOCTYPE html>", 15, IC_ERR_FORMAT, "is a web page;");
    refuse("hello", 5, IC_ERR_FORMAT, "is not in a known picture format;");
    refuse("\0", 1, IC_ERR_FORMAT, "is not in a known picture format;");
}

/* --- damage by hand --------------------------------------------------------------- */

static void test_damaged_jpeg(void)
{
    const struct golden_picture *whole = golden_pictures_find(&pictures, "jpeg-420");
    uint8_t *bytes = check_alloc(whole->size, 1);
    size_t frame = 0;

    refuse("\xff\xd8\xff", 3, IC_ERR_FORMAT,
           "is truncated: its 3 bytes end before its JPEG picture does");
    refuse("\xff\xd8\xff\xd9", 4, IC_ERR_FORMAT, "is truncated");
    memcpy(bytes, whole->bytes, whole->size);
    while (bytes[frame] != 0xff || bytes[frame + 1] != 0xc0)
        frame++;
    bytes[frame + 4] = 12;
    refuse(bytes, whole->size, IC_ERR_FORMAT, "JPEG");
    bytes[frame + 4] = 8;
    bytes[frame + 5] = bytes[frame + 6] = 0;
    refuse(bytes, whole->size, IC_ERR_FORMAT, "is a damaged JPEG: ");
    bytes[frame + 5] = 0xff;
    refuse(bytes, whole->size, IC_ERR_LIMIT,
           "is 50 x 65280 pixels, but a side may have at most 32768");
    bytes[frame + 5] = 0x7f;
    bytes[frame + 7] = 0x7f;
    refuse(bytes, whole->size, IC_ERR_LIMIT, "at most 178956970 in all");
    free(bytes);
}

/* A progressive file that refines its picture 1000 more times. */
static void test_many_scans(void)
{
    const struct golden_picture *whole =
        golden_pictures_find(&pictures, "jpeg-grey-progressive");
    size_t scan = whole->size, length, size = whole->size - 2;
    uint8_t *bytes;

    while (whole->bytes[scan - 2] != 0xff || whole->bytes[scan - 1] != 0xda)
        scan--;
    length = size - (scan - 2);
    bytes = check_alloc(whole->size + 1000 * length, 1);
    memcpy(bytes, whole->bytes, size);
    for (int i = 0; i < 1000; i++, size += length)
        memcpy(bytes + size, whole->bytes + scan - 2, length);
    memcpy(bytes + size, "\xff\xd9", 2);
    refuse(bytes, size + 2, IC_ERR_FORMAT, "more than 100 scans");
    free(bytes);
}

static void test_damaged_png(void)
{
    struct bytes png = png_start(60000, 60000);

    add_zero_pixels(&png, 100000);
    CHECK(png.size < 1024);
    refuse(png.data, png.size, IC_ERR_LIMIT,
           "is 60000 x 60000 pixels, but a side may have at most 32768");
    png = png_start(0x7fffffff, 1);
    add_zero_pixels(&png, 100);
    refuse(png.data, png.size, IC_ERR_LIMIT, "is 2147483647 x 1 pixels");
    png = png_start(32768, 32768);
    add_zero_pixels(&png, 100);
    refuse(png.data, png.size, IC_ERR_LIMIT, "at most 178956970 in all");
    png = png_start(0, 5);
    refuse(png.data, png.size, IC_ERR_FORMAT, "is a damaged PNG: ");
    png = png_start(4, 4);
    refuse(png.data, png.size, IC_ERR_FORMAT, "is truncated");
    add_chunk(&png, "IEND", "", 0);
    refuse(png.data, png.size, IC_ERR_FORMAT, "is a damaged PNG: ");
    png = png_start(4, 4);
    add_zero_pixels(&png, 4 * 13 - 1);
    refuse(png.data, png.size, IC_ERR_FORMAT, "is a damaged PNG: ");
    png = png_start(4, 4);
    add_zero_pixels(&png, 4 * 13);
    png.data[45] ^= 1;
    refuse(png.data, png.size, IC_ERR_FORMAT, "is a damaged PNG: ");
}

/* Text, colour profiles and the like are skipped without being unpacked: otherwise the
 * decoder would complain about these. */
static void test_png_ancillary(void)
{
    struct bytes png = png_start(2, 2);
    char warning[IC_IMAGE_WARNING_SIZE];
    struct ic_image image;
    struct ic_error error;

    add_chunk(&png, "iCCP", "profile\0\0no zlib stream", 24);
    add_chunk(&png, "gAMA", "\0", 1);
    add_chunk(&png, "zTXt", "Title\0\0no zlib stream", 22);
    add_chunk(&png, "zTXt", "a chunk without a zero", 22);
    add_chunk(&png, "eXIf", "neither MM nor II", 17);
    add_chunk(&png, "prVt", "private", 7);
    add_zero_pixels(&png, 2 * 7);
    CHECK_OK(ic_image_decode(png.data, png.size, "png", &image, warning, &error));
    CHECK_STRING(warning, "");
    for (int i = 0; i < 2 * 2 * 3; i++)
        CHECK_INT(image.rgb[i], 0);
    ic_image_free(&image);
}

static void test_damaged_gif(void)
{
    refuse("GIF89a", 6, IC_ERR_FORMAT, "is truncated");
    refuse("GIF89a\1\0\1\0\0\0\0;", 14, IC_ERR_FORMAT, "is a GIF without a picture");
    refuse("GIF89a\1\0\1\0\0\0\0", 13, IC_ERR_FORMAT, "is truncated");
    refuse("GIF89a\1\0\1\0\0\0\0?", 14, IC_ERR_FORMAT, "is a damaged GIF: ");
    refuse("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\0\0\1\0\0\2\0;", 26, IC_ERR_FORMAT,
           "frame has no pixels");
    refuse("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\x0d\0;", 26, IC_ERR_FORMAT,
           "is a damaged GIF: ");
    refuse("GIF89a\x60\xea\x60\xea\0\0\0,\0\0\0\0\1\0\1\0\0\2\0;", 26, IC_ERR_LIMIT,
           "is 60000 x 60000 pixels");
    refuse("GIF89a\1\0\1\0\0\0\0,\xff\xff\xff\xff\xff\xff\xff\xff\0\2\0;", 26,
           IC_ERR_LIMIT, "is 131070 x 131070 pixels");
}

/* --- bombs ------------------------------------------------------------------------ */

/* A few bytes that claim the maximum number of pixels are refused before any memory is
 * allocated for these. */
static void test_bombs(void)
{
    static const char *const names[] = {"jpeg-420", "jpeg-grey-progressive"};
    struct bytes png = png_start(13000, 13000);

    for (int i = 0; i < 2; i++) {
        const struct golden_picture *whole = golden_pictures_find(&pictures, names[i]);
        uint8_t *bytes = check_alloc(whole->size, 1);
        size_t frame = 0;

        memcpy(bytes, whole->bytes, whole->size);
        while (bytes[frame] != 0xff || (bytes[frame + 1] & 0xfd) != 0xc0)
            frame++;
        memcpy(bytes + frame + 5, "\x32\xc8\x32\xc8", 4);
        refuse(bytes, whole->size, IC_ERR_FORMAT, "cannot hold 13000 x 13000 pixels");
        free(bytes);
    }
    add_zero_pixels(&png, 100000);
    refuse(png.data, png.size, IC_ERR_FORMAT, "bytes cannot hold 13000 x 13000 pixels");
    refuse("GIF89a\xc8\x32\xc8\x32\0\0\0,\0\0\0\0\1\0\1\0\0\2\0;", 26, IC_ERR_FORMAT,
           "is truncated: its 26 bytes cannot hold 13000 x 13000 pixels");
}

/* A picture of a single colour, which compresses extremely well, is still read. */
static void test_single_colour(void)
{
    struct bytes png = png_start(800, 800);
    struct ic_image black = {1000, 1000, check_alloc(1000 * 1000, 3)}, image;
    char *folder = folder_make(), *path = folder_path(folder, "black.jpg");
    struct ic_error error;

    add_zero_pixels(&png, 800 * (1 + 3 * 800));
    CHECK_OK(ic_image_decode(png.data, png.size, "png", &image, NULL, &error));
    ic_image_free(&image);
    CHECK_OK(ic_image_write_jpeg(path, &black, 1, true, &error));
    CHECK_OK(image_read(path, &image, NULL, &error));
    ic_image_free(&image);
    ic_image_free(&black);
    free(path);
    folder_remove(folder);
}

/* --- memory ----------------------------------------------------------------------- */

static void test_free(void)
{
    const struct golden_picture *gif = golden_pictures_find(&pictures, "gif-local");
    struct ic_image image = {1, 1, NULL};
    struct ic_error error;

    CHECK_OK(ic_image_decode(gif->bytes, gif->size, "gif", &image, NULL, &error));
    CHECK_INT(image.width, 16);
    CHECK_INT(image.height, 12);
    ic_image_free(&image);
    CHECK(image.rgb == NULL && image.width == 0);
    ic_image_free(&image);
}

static void test_alloc(void)
{
    struct ic_image image;
    struct ic_error error;

    CHECK_OK(ic_image_alloc(&image, 1, 1, &error));
    ic_image_free(&image);
    CHECK_OK(ic_image_alloc(&image, IC_IMAGE_MAX_SIDE, 1, &error));
    image.rgb[3 * IC_IMAGE_MAX_SIDE - 1] = 1;
    ic_image_free(&image);
    CHECK_FAILS(ic_image_alloc(&image, IC_IMAGE_MAX_SIDE + 1, 1, &error), IC_ERR_LIMIT,
                "32769 x 1");
    CHECK(image.rgb == NULL);
    CHECK_FAILS(ic_image_alloc(&image, 20000, 20000, &error), IC_ERR_LIMIT,
                "20000 x 20000");
    CHECK(ic_image_alloc(&image, 0, 1, &error) != IC_OK);
    CHECK(ic_image_alloc(&image, 1, -1, &error) != IC_OK);
    CHECK(ic_image_alloc(&image, INT_MIN, INT_MIN, &error) != IC_OK);
}

/* A long name leaves room for the sentence. */
static void test_long_name(void)
{
    char name[2000];
    struct ic_image image;
    struct ic_error error;

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    CHECK(ic_image_decode((const uint8_t *)"BM", 2, name, &image, NULL, &error) ==
          IC_ERR_FORMAT);
    CHECK_INT(strlen(error.message), sizeof error.message - 1);
    CHECK(ic_image_decode((const uint8_t *)"BM", 2, name, &image, NULL, NULL) ==
          IC_ERR_FORMAT);
}

int main(void)
{
    golden_pictures_load(&pictures);
    test_identify();
    test_exif();
    test_refused_content();
    test_damaged_jpeg();
    test_many_scans();
    test_damaged_png();
    test_png_ancillary();
    test_damaged_gif();
    test_bombs();
    test_single_colour();
    test_free();
    test_alloc();
    test_long_name();
    golden_pictures_free(&pictures);
    return check_result();
}
