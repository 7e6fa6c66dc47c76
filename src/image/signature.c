/* SPDX-License-Identifier: MIT */
/*
 * The signatures of picture formats, and of other files found among pictures. See
 * signature.h.
 */
#include "image/signature.h"

#include <stdbool.h>

/* The first bytes of files found among pictures. A '?' matches any byte. */
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
    {IC_IMAGE_WEBP, 12, "RIFF????WEBP", "a WebP picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypavif", "an AVIF picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypavis", "an AVIF picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypheic", "a HEIC picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypheix", "a HEIC picture"},
    {IC_IMAGE_UNKNOWN, 12, "????ftypmif1", "a HEIC or AVIF picture"},
    {IC_IMAGE_UNKNOWN, 12, "\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"},
    {IC_IMAGE_UNKNOWN, 12, "\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"},
    {IC_IMAGE_UNKNOWN, 8, "????ftyp", "a video"},
    {IC_IMAGE_TIFF, 4, "II*\0", "a TIFF picture"},
    {IC_IMAGE_TIFF, 4, "MM\0*", "a TIFF picture"},
    {IC_IMAGE_TIFF, 4, "II+\0", "a BigTIFF picture"},
    {IC_IMAGE_TIFF, 4, "MM\0+", "a BigTIFF picture"},
    {IC_IMAGE_UNKNOWN, 10, "MATLAB 5.0", "a MATLAB file"},
    {IC_IMAGE_UNKNOWN, 2, "\x1f\x8b", "a gzip archive"},
    {IC_IMAGE_UNKNOWN, 4, "PK\x03\x04", "a zip archive"},
    {IC_IMAGE_UNKNOWN, 5, "%PDF-", "a PDF document"},
    {IC_IMAGE_UNKNOWN, 5, "<?xml", "an XML document"},
    {IC_IMAGE_UNKNOWN, 14, "<!DOCTYPE html", "a web page"},
    {IC_IMAGE_UNKNOWN, 14, "<!doctype html", "a web page"},
    {IC_IMAGE_UNKNOWN, 5, "<html", "a web page"},
    {IC_IMAGE_UNKNOWN, 5, "<HTML", "a web page"},
    {IC_IMAGE_UNKNOWN, 4, "<svg", "an SVG drawing"},
    {IC_IMAGE_UNKNOWN, 23, "version https://git-lfs",
     "a pointer of Git LFS, not the file itself"},
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

/* The signature that matches, or NULL. */
static const struct signature *find_signature(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (signature_fits(&signatures[i], bytes, size))
            return &signatures[i];
    return NULL;
}

const char *ic_image_describe(const uint8_t *bytes, size_t size)
{
    const struct signature *signature = find_signature(bytes, size);

    return signature ? signature->what : "not in a known picture format";
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
    case IC_IMAGE_WEBP:
        return "WebP";
    case IC_IMAGE_TIFF:
        return "TIFF";
    case IC_IMAGE_UNKNOWN:
    case IC_IMAGE_FORMATS:
        break;
    }
    return "unknown";
}
