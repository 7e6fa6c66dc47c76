/* SPDX-License-Identifier: MIT */
/*
 * The camera: what happens to a drawing on its way to 8 bits.
 */
#include "data/toy/scene.h"

#include <assert.h>

/* The pixel itself and its four neighbours, `side` of weight each. */
static struct ic_toy_colour blurred(const struct ic_toy_canvas *canvas, int x, int y,
                                    float side)
{
    const size_t width = (size_t)canvas->width;
    const size_t at = (size_t)y * width + (size_t)x;
    const struct ic_toy_colour *p = canvas->pixels + at;
    const struct ic_toy_colour left = x > 0 ? p[-1] : p[0];
    const struct ic_toy_colour right = x + 1 < canvas->width ? p[1] : p[0];
    const struct ic_toy_colour up = y > 0 ? *(p - width) : p[0];
    const struct ic_toy_colour down = y + 1 < canvas->height ? p[width] : p[0];
    const float own = 1 - 4 * side;
    const struct ic_toy_colour colour = {
        own * p->r + side * (left.r + right.r + up.r + down.r),
        own * p->g + side * (left.g + right.g + up.g + down.g),
        own * p->b + side * (left.b + right.b + up.b + down.b)};

    return colour;
}

static uint8_t to_byte(float value)
{
    return (uint8_t)(ic_toy_clamp(value, 0, 1) * 255 + 0.5f);
}

/* The byte `which` of a hash as a number between -1 and 1. */
static float grain(uint32_t hash, int which)
{
    return (float)(hash >> (8 * which) & 255) / 127.5f - 1;
}

void ic_toy_scene_develop(const struct ic_toy_canvas *canvas, struct ic_random *random,
                          struct ic_image *image)
{
    const float exposure = ic_toy_range(random, 0.8f, 1.1f);
    const float contrast = ic_toy_range(random, 0.85f, 1.15f);
    const float warmth = ic_toy_range(random, -0.06f, 0.06f);
    const float vignette = ic_toy_range(random, 0, 0.25f);
    const float blur = ic_toy_chance(random, 0.4f) ? ic_toy_range(random, 0, 0.2f) : 0;
    const float noise = ic_toy_range(random, 0.0f, 0.04f);
    const uint32_t seed = ic_random_u32(random);
    uint8_t *out = image->rgb;

    assert(image->width == canvas->width && image->height == canvas->height);
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++) {
            const float u = ((float)x + 0.5f) / (float)canvas->width - 0.5f;
            const float v = ((float)y + 0.5f) / (float)canvas->height - 0.5f;
            const float gain = exposure * (1 - vignette * 2 * (u * u + v * v));
            const float base = 0.5f - 0.5f * contrast;
            const uint32_t hash = ic_toy_hash(seed, x, y);
            const float grey = 0.7f * noise * grain(hash, 3);
            const struct ic_toy_colour c =
                ic_toy_dim(blurred(canvas, x, y, blur), gain * contrast);

            *out++ = to_byte(base + c.r * (1 + warmth) + grey + noise * grain(hash, 0));
            *out++ = to_byte(base + c.g + grey + noise * grain(hash, 1));
            *out++ = to_byte(base + c.b * (1 - warmth) + grey + noise * grain(hash, 2));
        }
}
