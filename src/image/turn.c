/* SPDX-License-Identifier: MIT */
/*
 * Turns pictures. See turn.h.
 */
#include "image/turn.h"

#include <string.h>

bool ic_turn_swaps(int orientation)
{
    return orientation >= 5 && orientation <= 8;
}

void ic_turn_pixel(int orientation, size_t width, size_t height, size_t *x, size_t *y)
{
    const size_t left = *x, top = *y, right = width - 1 - left,
                 bottom = height - 1 - top;
    const size_t places[9][2] = {
        [2] = {right, top}, [3] = {right, bottom}, [4] = {left, bottom},
        [5] = {top, left},  [6] = {bottom, left},  [7] = {bottom, right},
        [8] = {top, right},
    };

    if (orientation < 2 || orientation > 8)
        return;
    *x = places[orientation][0];
    *y = places[orientation][1];
}

ic_status ic_image_turn(struct ic_image *image, int orientation, struct ic_error *error)
{
    const size_t width = (size_t)image->width, height = (size_t)image->height;
    const bool swaps = ic_turn_swaps(orientation);
    struct ic_image turned;
    ic_status status;

    if (orientation < 2 || orientation > 8)
        return IC_OK;
    status = ic_image_alloc(&turned, swaps ? image->height : image->width,
                            swaps ? image->width : image->height, error);
    if (status != IC_OK)
        return status;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            size_t to_x = x, to_y = y;

            ic_turn_pixel(orientation, width, height, &to_x, &to_y);
            memcpy(turned.rgb + 3 * (to_y * (size_t)turned.width + to_x),
                   image->rgb + 3 * (y * width + x), 3);
        }
    ic_image_free(image);
    *image = turned;
    return IC_OK;
}
