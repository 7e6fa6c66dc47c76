/* SPDX-License-Identifier: MIT */
/*
 * The limits and the memory of pictures. See image.h; decoding is in decode.c.
 */
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "image/decode.h"

ic_status ic_image_check_size(const char *name, unsigned long width,
                              unsigned long height, struct ic_error *error)
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

/* Allocates a picture whose size is within the limits. */
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
    ic_status status = ic_image_check_size(source->name, width, height, error);

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
    status = ic_image_check_size("a picture", (unsigned long)width,
                                 (unsigned long)height, error);
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

void ic_image_warn_of_white(const struct ic_image *image,
                            const struct ic_image_source *source)
{
    const size_t pixels = (size_t)image->width * (size_t)image->height;
    size_t white = 0;

    for (size_t i = 0; i < pixels; i++)
        white += image->rgb[3 * i] == 255;
    if (white > 0 && source->warning[0] == '\0')
        snprintf(source->warning, IC_IMAGE_WARNING_SIZE,
                 "its grey of 16 bits is cut at 255, as in Pillow, which makes %.0f %% "
                 "of it white",
                 100.0 * (double)white / (double)pixels);
}
