/*
 * Where the tiles of Winograd's convolution lie.
 */
#include "backend/cpu/winograd.h"

bool ic_winograd_applies(const struct ic_conv *conv)
{
    return conv->kernel == IC_WINOGRAD_TAPS && conv->stride == 1;
}

struct ic_winograd_tiles ic_winograd_tiles(const struct ic_correlation *c)
{
    struct ic_winograd_tiles t = {
        .down = ic_cpu_parts((size_t)c->windows.grid_height, IC_WINOGRAD_TILE),
        .across = ic_cpu_parts((size_t)c->windows.grid_width, IC_WINOGRAD_TILE),
    };

    t.count = (size_t)c->batch * t.down * t.across;
    return t;
}

void ic_winograd_locate(float **at, const struct ic_winograd_square *s,
                        const struct ic_winograd_tiles *tiles, size_t tile)
{
    const size_t picture = tile / (tiles->down * tiles->across);
    const size_t row = tile / tiles->across % tiles->down;
    const size_t column = tile % tiles->across;
    const long top = (long)(row * IC_WINOGRAD_TILE) + s->top;
    const long left = (long)(column * IC_WINOGRAD_TILE) + s->left;
    float *const first = s->pixels + picture * s->height * s->width * s->channels;

    for (size_t i = 0; i < s->side; i++) {
        const long y = top + (long)i;
        const bool inside = y >= 0 && y < (long)s->height;

        for (size_t j = 0; j < s->side; j++) {
            const long x = left + (long)j;

            *at++ = inside && x >= 0 && x < (long)s->width
                        ? first + ((size_t)y * s->width + (size_t)x) * s->channels
                        : s->outside;
        }
    }
}
