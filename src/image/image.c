/*
 * Pictures: what a file is by its first bytes, limits, memory, and the way to the
 * decoder of its format (jpeg.c, png.c, gif.c).
 */
#include "image/image.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/size.h"
#include "image/decode.h"

/* The first bytes of what may stand among pictures. A '?' fits every byte. */
static const struct signature {
    enum ic_image_format format;
    size_t size;
    const char *bytes;
    const char *what;
} signatures[] = {
    {IC_IMAGE_JPEG, 3, "\xff\xd8\xff", "a JPEG picture"},
    {IC_IMAGE_PNG, 8, "\x89PNG\r\n\x1a\n", "a PNG picture"},
    {IC_IMAGE_GIF, 6, "GIF87a", "a GIF picture"},
    {IC_IMAGE_GIF, 6, "GIF89a", "a GIF picture"},
    {IC_IMAGE_BMP, 2, "BM", "a BMP picture"},
    {IC_IMAGE_UNKNOWN, 12, "RIFF????WEBP", "a WebP picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypavif", "an AVIF picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypheic", "a HEIC picture"},
    {IC_IMAGE_UNKNOWN, 4, "II*\0", "a TIFF picture"},
    {IC_IMAGE_UNKNOWN, 4, "MM\0*", "a TIFF picture"},
    {IC_IMAGE_UNKNOWN, 10, "MATLAB 5.0", "a MATLAB file"},
    {IC_IMAGE_UNKNOWN, 2, "\x1f\x8b", "a gzip archive"},
    {IC_IMAGE_UNKNOWN, 4, "PK\x03\x04", "a zip archive"},
    {IC_IMAGE_UNKNOWN, 5, "%PDF-", "a PDF document"},
    {IC_IMAGE_UNKNOWN, 5, "<?xml", "an XML document"},
    {IC_IMAGE_UNKNOWN, 14, "<!DOCTYPE html", "a web page"},
    {IC_IMAGE_UNKNOWN, 5, "<html", "a web page"},
};

static bool signature_fits(const struct signature *signature, const uint8_t *bytes,
                           size_t size)
{
    if (size < signature->size)
        return false;
    for (size_t i = 0; i < signature->size; i++)
        if (signature->bytes[i] != '?' && (uint8_t)signature->bytes[i] != bytes[i])
            return false;
    return true;
}

/* The signature that fits, or NULL. */
static const struct signature *find_signature(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (signature_fits(&signatures[i], bytes, size))
            return &signatures[i];
    return NULL;
}

enum ic_image_format ic_image_identify(const uint8_t *bytes, size_t size)
{
    const struct signature *signature = find_signature(bytes, size);

    return signature ? signature->format : IC_IMAGE_UNKNOWN;
}

const char *ic_image_format_name(enum ic_image_format format)
{
    switch (format) {
    case IC_IMAGE_JPEG:
        return "JPEG";
    case IC_IMAGE_PNG:
        return "PNG";
    case IC_IMAGE_GIF:
        return "GIF";
    case IC_IMAGE_BMP:
        return "BMP";
    case IC_IMAGE_UNKNOWN:
        break;
    }
    return "unknown";
}

static ic_status refuse(const struct ic_image_source *source, struct ic_error *error)
{
    const struct signature *signature = find_signature(source->bytes, source->size);

    if (source->size == 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s is empty", source->name);
    return ic_fail(error, IC_ERR_FORMAT, "%s is %s; im2cat reads JPEG, PNG and GIF",
                   source->name,
                   signature ? signature->what : "not a picture of a known format");
}

ic_status ic_image_decode_reduced(const uint8_t *bytes, size_t size, const char *name,
                                  int side, struct ic_image *ret_image, char *warning,
                                  struct ic_error *error)
{
    char own_warning[IC_IMAGE_WARNING_SIZE];
    struct ic_image_source source = {bytes, size, name, side,
                                     warning ? warning : own_warning};
    struct ic_image image = {0, 0, NULL};
    ic_status status;

    assert(side >= 0);
    source.warning[0] = '\0';
    *ret_image = image;
    switch (ic_image_identify(bytes, size)) {
    case IC_IMAGE_JPEG:
        status = ic_jpeg_decode(&image, &source, error);
        break;
    case IC_IMAGE_PNG:
        status = ic_png_decode(&image, &source, error);
        break;
    case IC_IMAGE_GIF:
        status = ic_gif_decode(&image, &source, error);
        break;
    default:
        status = refuse(&source, error);
    }
    if (status == IC_OK)
        *ret_image = image;
    else
        ic_image_free(&image);
    return status;
}

ic_status ic_image_decode(const uint8_t *bytes, size_t size, const char *name,
                          struct ic_image *ret_image, char *warning,
                          struct ic_error *error)
{
    return ic_image_decode_reduced(bytes, size, name, 0, ret_image, warning, error);
}

ic_status ic_image_read(const char *path, struct ic_image *ret_image, char *warning,
                        struct ic_error *error)
{
    uint8_t *bytes;
    size_t size;
    ic_status status;

    memset(ret_image, 0, sizeof *ret_image);
    if (warning)
        warning[0] = '\0';
    status = ic_file_read(path, IC_IMAGE_MAX_FILE, &bytes, &size, error);
    if (status != IC_OK)
        return status;
    status = ic_image_decode(bytes, size, path, ret_image, warning, error);
    free(bytes);
    return status;
}

/* The limits, for a picture called `name`. */
static ic_status check_size(const char *name, unsigned long width, unsigned long height,
                            struct ic_error *error)
{
    size_t pixels;

    if (width == 0 || height == 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s has no pixels (%lu x %lu)", name,
                       width, height);
    if (width > IC_IMAGE_MAX_SIDE || height > IC_IMAGE_MAX_SIDE)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s is %lu x %lu pixels, but a side may have at most %d", name,
                       width, height, IC_IMAGE_MAX_SIDE);
    if (!ic_size_mul(width, height, &pixels) || pixels > IC_IMAGE_MAX_PIXELS)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s is %lu x %lu pixels, but at most %zu in all are read", name,
                       width, height, IC_IMAGE_MAX_PIXELS);
    return IC_OK;
}

/* The memory of one of a size within the limits. */
static ic_status allocate(struct ic_image *image, const char *name, unsigned long width,
                          unsigned long height, struct ic_error *error)
{
    const size_t bytes = (size_t)width * height * 3;

    image->rgb = malloc(bytes);
    if (image->rgb == NULL)
        return ic_fail_memory(error, name, bytes);
    image->width = (int)width;
    image->height = (int)height;
    return IC_OK;
}

ic_status ic_image_check_claim(const struct ic_image_source *source,
                               unsigned long width, unsigned long height,
                               size_t density, struct ic_error *error)
{
    ic_status status = check_size(source->name, width, height, error);

    if (status == IC_OK && width * height / density > source->size)
        status = ic_fail(error, IC_ERR_FORMAT,
                         "%s is truncated: its %zu bytes cannot hold %lu x %lu pixels",
                         source->name, source->size, width, height);
    return status;
}

ic_status ic_image_begin(struct ic_image *image, const struct ic_image_source *source,
                         unsigned long width, unsigned long height, size_t density,
                         struct ic_error *error)
{
    ic_status status = ic_image_check_claim(source, width, height, density, error);

    return status == IC_OK ? allocate(image, source->name, width, height, error)
                           : status;
}

ic_status ic_image_alloc(struct ic_image *ret_image, int width, int height,
                         struct ic_error *error)
{
    ic_status status;

    memset(ret_image, 0, sizeof *ret_image);
    if (width < 0 || height < 0)
        return ic_fail(error, IC_ERR_USAGE, "a picture of %d x %d pixels cannot be",
                       width, height);
    status =
        check_size("a picture", (unsigned long)width, (unsigned long)height, error);
    if (status != IC_OK)
        return status;
    return allocate(ret_image, "a picture", (unsigned long)width, (unsigned long)height,
                    error);
}

void ic_image_free(struct ic_image *image)
{
    free(image->rgb);
    memset(image, 0, sizeof *image);
}
