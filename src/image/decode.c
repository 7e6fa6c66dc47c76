/*
 * The way from a file's bytes to the decoder of its format (jpeg.c, png.c, gif.c). See
 * image.h.
 */
#include "image/decode.h"

#include <assert.h>

#include "image/signature.h"

static ic_status refuse(const struct ic_image_source *source, struct ic_error *error)
{
    if (source->size == 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s is empty", source->name);
    return ic_fail(error, IC_ERR_FORMAT, "%s is %s; im2cat reads JPEG, PNG and GIF",
                   source->name, ic_image_describe(source->bytes, source->size));
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
