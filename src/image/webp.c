/* SPDX-License-Identifier: MIT */
/*
 * Decodes WebP (RFC 9649) through libwebp: lossy, lossless, and the first frame of
 * animations on its canvas. Alpha is dropped, and the colour under it is kept. The
 * canvas outside an animation's first frame is black, as in Pillow.
 */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "image/decode.h"

static ic_status damaged(const struct ic_image_source *source, VP8StatusCode code,
                         struct ic_error *error)
{
    switch (code) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s is truncated: its %zu bytes end before its WebP picture does",
            source->name, source->size);
    case VP8_STATUS_OUT_OF_MEMORY:
        return ic_fail_memory(error, source->name, 0);
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is a WebP picture of a kind that libwebp does not know",
                       source->name);
    default:
        return ic_fail(error, IC_ERR_FORMAT, "%s is a damaged WebP picture",
                       source->name);
    }
}

/* Decodes a still picture into `image`, which is already allocated. */
static ic_status decode_still(struct ic_image *image,
                              const struct ic_image_source *source,
                              struct ic_error *error)
{
    WebPDecoderConfig config;
    VP8StatusCode code;

    if (!WebPInitDecoderConfig(&config))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: this libwebp is not the one that im2cat was built with",
                       source->name);
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = image->rgb;
    config.output.u.RGBA.stride = 3 * image->width;
    config.output.u.RGBA.size = 3 * (size_t)image->width * (size_t)image->height;
    code = WebPDecode(source->bytes, source->size, &config);
    return code == VP8_STATUS_OK ? IC_OK : damaged(source, code, error);
}

/* Decodes the first frame of an animation. */
static ic_status decode_animation(struct ic_image *image,
                                  const struct ic_image_source *source,
                                  struct ic_error *error)
{
    const WebPData data = {source->bytes, source->size};
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    WebPAnimDecoderOptions options;
    WebPAnimDecoder *decoder = NULL;
    uint8_t *rgba = NULL;
    int milliseconds;
    ic_status status = IC_OK;

    if (WebPAnimDecoderOptionsInit(&options)) {
        options.color_mode = MODE_RGBA;
        decoder = WebPAnimDecoderNew(&data, &options);
    }
    if (decoder == NULL || !WebPAnimDecoderGetNext(decoder, &rgba, &milliseconds))
        status = ic_fail(error, IC_ERR_FORMAT, "%s is a damaged WebP animation",
                         source->name);
    for (size_t i = 0; status == IC_OK && i < pixels; i++)
        memcpy(image->rgb + 3 * i, rgba + 4 * i, 3);
    WebPAnimDecoderDelete(decoder);
    return status;
}

/* One code can stand for all pixels of a lossless picture, so the file's size does not
 * bound their number. */
ic_status ic_webp_decode(struct ic_image *image, const struct ic_image_source *source,
                         struct ic_error *error)
{
    WebPBitstreamFeatures features;
    const VP8StatusCode code = WebPGetFeatures(source->bytes, source->size, &features);
    ic_status status;

    if (code != VP8_STATUS_OK)
        return damaged(source, code, error);
    status = ic_image_begin(image, source, (unsigned long)features.width,
                            (unsigned long)features.height, IC_IMAGE_MAX_PIXELS, error);
    if (status != IC_OK)
        return status;
    return features.has_animation ? decode_animation(image, source, error)
                                  : decode_still(image, source, error);
}
