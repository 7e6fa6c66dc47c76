/* SPDX-License-Identifier: MIT */
/*
 * Converts samples to RGB as Pillow does. See tiff_colour.h.
 */
#include "image/tiff_colour.h"

#include <string.h>

#include "image/ink.h"

enum { SAMPLES_MAX = 8 };

static ic_status refuse(const char *name, const char *what, unsigned value,
                        struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s is a TIFF with %s %u, which is not read",
                   name, what, value);
}

/* Entries have 16 bits; no sample is beyond the palette's end. */
static ic_status read_palette(struct ic_tiff_colour *colour, TIFF *tiff,
                              const char *name, struct ic_error *error)
{
    uint16_t *channels[3];

    if (colour->bits > 8)
        return refuse(name, "a palette and bits a sample of", colour->bits, error);
    if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2]))
        return ic_fail(error, IC_ERR_FORMAT, "%s is a TIFF without its palette", name);
    for (size_t i = 0; i < (size_t)1 << colour->bits; i++)
        for (size_t c = 0; c < 3; c++)
            colour->palette[i][c] = (uint8_t)(channels[c][i] >> 8);
    return IC_OK;
}

/* Reads the kind of colours from the photometric interpretation; libtiff converts a
 * JPEG's YCbCr to RGB. */
static ic_status read_kind(struct ic_tiff_colour *colour, TIFF *tiff, const char *name,
                           struct ic_error *error)
{
    uint16_t photometric = PHOTOMETRIC_MINISWHITE, compression = COMPRESSION_NONE;
    uint16_t least = 1;

    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        colour->kind = IC_TIFF_GREY;
        colour->inverted = photometric == PHOTOMETRIC_MINISWHITE;
        break;
    case PHOTOMETRIC_PALETTE:
        colour->kind = IC_TIFF_PALETTE;
        return read_palette(colour, tiff, name, error);
    case PHOTOMETRIC_YCBCR:
        if (compression != COMPRESSION_JPEG)
            return refuse(name, "YCbCr colours in compression", compression, error);
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        colour->kind = IC_TIFF_RGB;
        least = 3;
        break;
    case PHOTOMETRIC_RGB:
        colour->kind = IC_TIFF_RGB;
        least = 3;
        break;
    case PHOTOMETRIC_SEPARATED:
        colour->kind = IC_TIFF_CMYK;
        least = 4;
        break;
    default:
        return refuse(name, "colours of the kind", photometric, error);
    }
    if (colour->samples < least)
        return refuse(name, "too few samples a pixel,", colour->samples, error);
    if (least > 1 && colour->bits < 8)
        return refuse(name, "colours of bits a sample of", colour->bits, error);
    return IC_OK;
}

ic_status ic_tiff_colour_read(struct ic_tiff_colour *ret_colour, TIFF *tiff,
                              const char *name, struct ic_error *error)
{
    struct ic_tiff_colour *const colour = ret_colour;
    uint16_t format = SAMPLEFORMAT_UINT, extras = 0, *kinds = NULL;
    ic_status status;

    *colour = (struct ic_tiff_colour){0};
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &colour->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &colour->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is a TIFF of %s, which are no 8-bit colours", name,
                       format == SAMPLEFORMAT_IEEEFP ? "floating-point numbers"
                                                     : "signed or complex numbers");
    if (colour->bits != 1 && colour->bits != 2 && colour->bits != 4 &&
        colour->bits != 8 && colour->bits != 16)
        return refuse(name, "bits a sample of", colour->bits, error);
    if (colour->samples < 1 || colour->samples > SAMPLES_MAX)
        return refuse(name, "samples a pixel of", colour->samples, error);
    status = read_kind(colour, tiff, name, error);
    TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    colour->premultiplied = colour->kind == IC_TIFF_RGB && colour->samples > 3 &&
                            extras > 0 && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
    return status;
}

size_t ic_tiff_row_bytes(const struct ic_tiff_colour *colour, size_t width)
{
    return (width * (colour->planar ? 1 : colour->samples) * colour->bits + 7) / 8;
}

/* Sample k of pixel x. 16-bit samples are in the machine's byte order. */
static unsigned sample(const struct ic_tiff_colour *colour, const uint8_t *row,
                       size_t plane_bytes, size_t x, size_t k)
{
    const size_t place = colour->planar ? x : x * colour->samples + k;
    const size_t bit = place * colour->bits;
    uint16_t wide;

    if (colour->planar)
        row += k * plane_bytes;
    if (colour->bits == 16) {
        memcpy(&wide, row + 2 * place, sizeof wide);
        return wide;
    }
    return row[bit / 8] >> (8 - colour->bits - bit % 8) & ((1u << colour->bits) - 1);
}

/* The high byte of a 16-bit colour. */
static uint8_t high(const struct ic_tiff_colour *colour, unsigned value)
{
    return (uint8_t)(colour->bits == 16 ? value >> 8 : value);
}

/* 16-bit greys are clipped at 255, as in PNG. */
static uint8_t grey(const struct ic_tiff_colour *colour, unsigned value)
{
    const unsigned most = (1u << colour->bits) - 1;

    if (colour->bits == 16)
        return (uint8_t)(value > 255 ? 255 : value);
    return (uint8_t)((colour->inverted ? most - value : value) * 255 / most);
}

/* Undoes the multiplication by alpha. A colour with an alpha of 0 is black. */
static void divide_by_alpha(uint8_t *rgb, uint8_t alpha)
{
    for (size_t c = 0; c < 3; c++) {
        const unsigned value = alpha > 0 ? 255u * rgb[c] / alpha : 0;

        rgb[c] = (uint8_t)(value > 255 ? 255 : value);
    }
}

void ic_tiff_pixel(const struct ic_tiff_colour *colour, const uint8_t *row,
                   size_t plane_bytes, size_t x, uint8_t *rgb)
{
    unsigned s[4];
    const size_t read = colour->samples < 4 ? colour->samples : 4;

    for (size_t k = 0; k < read; k++)
        s[k] = sample(colour, row, plane_bytes, x, k);
    switch (colour->kind) {
    case IC_TIFF_GREY:
        memset(rgb, grey(colour, s[0]), 3);
        break;
    case IC_TIFF_PALETTE:
        memcpy(rgb, colour->palette[s[0]], 3);
        break;
    case IC_TIFF_RGB:
        for (size_t c = 0; c < 3; c++)
            rgb[c] = high(colour, s[c]);
        if (colour->premultiplied)
            divide_by_alpha(rgb, high(colour, s[3]));
        break;
    case IC_TIFF_CMYK:
        for (size_t c = 0; c < 3; c++)
            rgb[c] = ic_light_of_ink(high(colour, s[c]), high(colour, s[3]));
        break;
    }
}
