/* SPDX-License-Identifier: MIT */
/*
 * Locates the tiles of Winograd's convolution.
 */
#include "backend/cpu/typed.h"
#include "backend/cpu/winograd.h"

bool ic_winograd_applies(const struct ic_conv *conv)
{
    return conv->kernel == IC_WINOGRAD_TAPS && conv->stride == 1;
}

struct ic_winograd_tiles ic_winograd_tiles(const struct ic_correlation *c)
{
    struct ic_winograd_tiles t = {
        .down = ic_parts((size_t)c->windows.grid_height, IC_WINOGRAD_TILE),
        .across = ic_parts((size_t)c->windows.grid_width, IC_WINOGRAD_TILE),
    };

    t.count = (size_t)c->batch * t.down * t.across;
    return t;
}

void ic_winograd_locate(void **at, const struct ic_winograd_square *s,
                        const struct ic_winograd_tiles *tiles, size_t tile)
{
    const size_t picture = tile / (tiles->down * tiles->across);
    const size_t row = tile / tiles->across % tiles->down;
    const size_t column = tile % tiles->across;
    const long top = (long)(row * IC_WINOGRAD_TILE) + s->top;
    const long left = (long)(column * IC_WINOGRAD_TILE) + s->left;
    const size_t first = picture * s->height * s->width;
    const size_t bytes = s->channels * ic_type_bytes(s->type); /* of a pixel */

    for (size_t i = 0; i < s->side; i++) {
        const long y = top + (long)i;

        for (size_t j = 0; j < s->side; j++) {
            const long x = left + (long)j;
            const bool inside =
                y >= 0 && y < (long)s->height && x >= 0 && x < (long)s->width;
            const size_t pixel = first + (size_t)y * s->width + (size_t)x;

            at[i * s->side + j] = inside ? (char *)s->pixels + pixel * bytes : NULL;
        }
    }
}

void ic_winograd_read(const float **at, float *copy, const struct ic_winograd_square *s,
                      const struct ic_winograd_tiles *tiles, size_t tile,
                      const float *zeros, size_t count)
{
    void *pixel[IC_FREQUENCIES];

    ic_winograd_locate(pixel, s, tiles, tile);
    for (size_t i = 0; i < s->side * s->side; i++, copy += count) {
        at[i] = pixel[i];
        if (pixel[i] == NULL) {
            at[i] = zeros;
        } else if (s->type != IC_TYPE_FP32) {
            ic_typed_widen(copy, pixel[i], count, s->type);
            at[i] = copy;
        }
    }
}
