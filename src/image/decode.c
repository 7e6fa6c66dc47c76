/* SPDX-License-Identifier: MIT */
/*
 * Dispatches a file's bytes to the decoder of their format. See image.h.
 */
#include "image/decode.h"

#include <assert.h>
#include <errno.h>

#include "image/signature.h"

#ifdef HAVE_WEBP
#define OR_WEBP ", WebP"
#else
#define OR_WEBP ""
#endif
#ifdef HAVE_TIFF
#define OR_TIFF ", TIFF"
#else
#define OR_TIFF ""
#endif

const char ic_image_formats[] = "JPEG, PNG, GIF, BMP" OR_WEBP OR_TIFF;

typedef ic_status decoder(struct ic_image *image, const struct ic_image_source *source,
                          struct ic_error *error);

/* Decoders by format; NULL: not built in. */
static decoder *const decoders[] = {
    [IC_IMAGE_JPEG] = ic_jpeg_decode, [IC_IMAGE_PNG] = ic_png_decode,
    [IC_IMAGE_GIF] = ic_gif_decode,   [IC_IMAGE_BMP] = ic_bmp_decode,
#ifdef HAVE_WEBP
    [IC_IMAGE_WEBP] = ic_webp_decode,
#endif
#ifdef HAVE_TIFF
    [IC_IMAGE_TIFF] = ic_tiff_decode,
#endif
    [IC_IMAGE_FORMATS] = NULL,
};

static ic_status refuse(const struct ic_image_source *source, struct ic_error *error)
{
    const enum ic_image_format format = ic_image_identify(source->bytes, source->size);

    if (source->size == 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s is empty", source->name);
    if (format != IC_IMAGE_UNKNOWN)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is %s; this im2cat was built without %s, and reads %s",
                       source->name, ic_image_describe(source->bytes, source->size),
                       format == IC_IMAGE_WEBP ? "libwebp" : "libtiff",
                       ic_image_formats);
    return ic_fail(error, IC_ERR_FORMAT, "%s is %s; im2cat reads %s", source->name,
                   ic_image_describe(source->bytes, source->size), ic_image_formats);
}

/* The libraries report missing memory in words of their own, some as damage. malloc has
 * then set errno. What they ask for is bounded by the limit of pixels. */
ic_status ic_image_decode_reduced(const uint8_t *bytes, size_t size, const char *name,
                                  int side, struct ic_image *ret_image, char *warning,
                                  struct ic_error *error)
{
    char own_warning[IC_IMAGE_WARNING_SIZE];
    struct ic_image_source source = {bytes, size, name, side,
                                     warning ? warning : own_warning};
    struct ic_image image = {0, 0, NULL};
    decoder *decode;
    ic_status status;

    assert(side >= 0);
    source.warning[0] = '\0';
    *ret_image = image;
    decode = decoders[ic_image_identify(bytes, size)];
    errno = 0;
    status = decode != NULL ? decode(&image, &source, error) : refuse(&source, error);
    if (status == IC_ERR_FORMAT && errno == ENOMEM)
        status = ic_fail_memory(error, name, 0);
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
