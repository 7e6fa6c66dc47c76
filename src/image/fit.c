/* SPDX-License-Identifier: MIT */
/*
 * Crop, pad, squish and flip. See fit.h.
 */
#include "image/fit.h"

#include <assert.h>
#include <string.h>

struct ic_rect ic_fit_window(int width, int height, int size, enum ic_fit fit,
                             struct ic_fit_place place)
{
    const double across = (double)width / size, down = (double)height / size;
    struct ic_rect rect = {0, 0, width, height};
    double scale;
    int side;

    if (fit == IC_FIT_SQUISH)
        return rect;
    if (fit == IC_FIT_PAD)
        scale = across > down ? across : down;
    else
        scale = across < down ? across : down;
    side = (int)(scale * size);
    side = side > 0 ? side : 1;
    rect.left = (int)(place.u * (width - side));
    rect.top = (int)(place.v * (height - side));
    rect.width = rect.height = side;
    return rect;
}

static void mirror(uint8_t *rgb, int size)
{
    for (int y = 0; y < size; y++) {
        uint8_t *left = rgb + (size_t)y * size * 3;
        uint8_t *right = left + 3 * ((size_t)size - 1);

        for (; left < right; left += 3, right -= 3) {
            uint8_t pixel[3];

            memcpy(pixel, left, 3);
            memcpy(left, right, 3);
            memcpy(right, pixel, 3);
        }
    }
}

ic_status ic_fit_square(uint8_t *out, const struct ic_image *image, int size,
                        enum ic_fit fit, struct ic_fit_place place, bool flip,
                        struct ic_error *error)
{
    struct ic_rect rect;
    ic_status status;

    assert(size > 0);
    assert(place.u >= 0 && place.u <= 1 && place.v >= 0 && place.v <= 1);
    rect = ic_fit_window(image->width, image->height, size, fit, place);
    status = ic_resize_bilinear(out, image, rect, size, size, error);
    if (status == IC_OK && flip)
        mirror(out, size);
    return status;
}
