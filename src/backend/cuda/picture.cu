/* SPDX-License-Identifier: MIT */
/*
 * Turns pictures into numbers on the device, so that a quarter of the bytes cross the
 * bus: x = (rgb / 255 - mean) / std, of one picture or of two that are mixed. One
 * thread per channel of a pixel.
 */
#include "backend/bf16.h"
#include "backend/cuda/cuda.h"

struct pictures {
    void *x;
    enum ic_type type;          /* of x */
    const uint8_t *rgb, *other; /* other and share: for a mixed batch */
    const float *share;
    size_t picture; /* bytes of one, where they are mixed */
    float mean[3], std[3];
};

IC_EVERYWHERE float normal(const struct pictures *p, const uint8_t *rgb, size_t i)
{
    return ((float)rgb[i] / 255.0f - p->mean[i % 3]) / p->std[i % 3];
}

IC_EVERYWHERE void normalize_byte(const struct pictures *p, size_t i)
{
    ic_store(p->x, i, normal(p, p->rgb, i), p->type);
}

IC_KERNEL(normalize_byte, struct pictures)

IC_EVERYWHERE void mix_byte(const struct pictures *p, size_t i)
{
    const float share = p->share[i / p->picture];

    ic_store(p->x, i,
             share * normal(p, p->rgb, i) + (1 - share) * normal(p, p->other, i),
             p->type);
}

IC_KERNEL(mix_byte, struct pictures)

static void set_colours(struct pictures *p, const float mean[3], const float std[3])
{
    for (int c = 0; c < 3; c++) {
        p->mean[c] = mean[c];
        p->std[c] = std[c];
    }
}

void ic_cuda_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                       const float mean[3], const float std[3], size_t pixels,
                       enum ic_type type)
{
    struct pictures p = {.x = x, .type = type, .rgb = rgb};

    set_colours(&p, mean, std);
    normalize_byte_each(device, 3 * pixels, &p);
}

void ic_cuda_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                             const uint8_t *other, const float *share,
                             const float mean[3], const float std[3], int batch,
                             size_t pixels, enum ic_type type)
{
    struct pictures p = {.x = x,
                         .type = type,
                         .rgb = rgb,
                         .other = other,
                         .share = share,
                         .picture = 3 * pixels};

    set_colours(&p, mean, std);
    mix_byte_each(device, (size_t)batch * 3 * pixels, &p);
}
