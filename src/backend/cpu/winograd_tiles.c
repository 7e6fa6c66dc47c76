/*
 * Where the tiles of Winograd's convolution lie.
 */
#include "backend/cpu/typed.h"
#include "backend/cpu/winograd.h"

bool ic_winograd_applies(const struct ic_conv *conv)
{
    return conv->kernel == IC_WINOGRAD_TAPS && conv->stride == 1;
}

/* Of tiles that hang over the edge a part is computed in vain: at 7 x 7 pixels a
 * quarter, at 2 x 2 three quarters. With few tiles the transform of the weights takes
 * longer than the products with them, with few channels that of the pictures. */
bool ic_winograd_pays(const struct ic_conv *conv, bool kept)
{
    enum { LEAST_TILES = 32, LEAST_TILES_KEPT = 16, LEAST_CHANNELS = 32 };
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, NULL);
    const struct ic_winograd_tiles tiles = ic_winograd_tiles(&c);
    const size_t pixels = ic_correlation_points(&c);
    const size_t least = kept ? LEAST_TILES_KEPT : LEAST_TILES;

    return ic_winograd_applies(conv) && tiles.count >= least &&
           conv->in_channels >= LEAST_CHANNELS &&
           conv->out_channels >= LEAST_CHANNELS &&
           2 * pixels >= tiles.count * IC_WINOGRAD_TILE * IC_WINOGRAD_TILE;
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

void ic_winograd_locate(void **at, const struct ic_winograd_square *s,
                        const struct ic_winograd_tiles *tiles, size_t tile)
{
    const size_t picture = tile / (tiles->down * tiles->across);
    const size_t row = tile / tiles->across % tiles->down;
    const size_t column = tile % tiles->across;
    const long top = (long)(row * IC_WINOGRAD_TILE) + s->top;
    const long left = (long)(column * IC_WINOGRAD_TILE) + s->left;
    const size_t first = picture * s->height * s->width;

    for (size_t i = 0; i < s->side; i++) {
        const long y = top + (long)i;

        for (size_t j = 0; j < s->side; j++) {
            const long x = left + (long)j;
            const bool inside =
                y >= 0 && y < (long)s->height && x >= 0 && x < (long)s->width;
            const size_t pixel = first + (size_t)y * s->width + (size_t)x;

            at[i * s->side + j] =
                inside ? ic_element(s->pixels, pixel * s->channels, s->type) : NULL;
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
