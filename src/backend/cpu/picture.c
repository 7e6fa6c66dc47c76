/* SPDX-License-Identifier: MIT */
/*
 * Turns pictures into numbers: x = (rgb / 255 - mean) / std, of one picture or of two
 * that are mixed.
 */
#include "backend/bf16.h"
#include "backend/cpu/cpu.h"

enum { NORMALIZE_PART = 1 << 14 };

struct normalize {
    void *x;
    enum ic_type type;
    const uint8_t *rgb, *other; /* other and share: for a mixed batch */
    const float *share;
    size_t pixels;            /* of all pictures; of one in a mixed batch */
    float value[3][256];      /* of each byte, per channel */
    uint16_t rounded[3][256]; /* the same as bf16 */
};

static void fill_values(struct normalize *n, const float mean[3], const float std[3])
{
    for (int c = 0; c < 3; c++)
        for (int byte = 0; byte < 256; byte++)
            n->value[c][byte] = ((float)byte / 255.0f - mean[c]) / std[c];
    for (int c = 0; c < 3; c++)
        for (int byte = 0; byte < 256; byte++)
            n->rounded[c][byte] = ic_bf16_of(n->value[c][byte]);
}

static void normalize_part(const void *args, size_t index, int thread)
{
    const struct normalize *const n = args;
    const size_t first = index * NORMALIZE_PART;
    const size_t end = first + ic_min(NORMALIZE_PART, n->pixels - first);

    if (n->type == IC_TYPE_BF16) {
        uint16_t *const x = n->x;

        for (size_t i = first; i < end; i++)
            for (size_t c = 0; c < 3; c++)
                x[3 * i + c] = n->rounded[c][n->rgb[3 * i + c]];
    } else {
        float *const x = n->x;

        for (size_t i = first; i < end; i++)
            for (size_t c = 0; c < 3; c++)
                x[3 * i + c] = n->value[c][n->rgb[3 * i + c]];
    }
}

void ic_cpu_normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                      const float mean[3], const float std[3], size_t pixels,
                      enum ic_type type)
{
    struct normalize n = {.x = x, .type = type, .rgb = rgb, .pixels = pixels};

    fill_values(&n, mean, std);
    ic_cpu_run(device, ic_parts(pixels, NORMALIZE_PART), normalize_part, &n);
}

static void mix_picture(const void *args, size_t index, int thread)
{
    const struct normalize *const n = args;
    const size_t first = index * n->pixels;
    const float share = n->share[index];

    for (size_t i = first; i < first + n->pixels; i++)
        for (size_t c = 0; c < 3; c++) {
            const float own = n->value[c][n->rgb[3 * i + c]];
            const float other = n->value[c][n->other[3 * i + c]];

            ic_store(n->x, 3 * i + c, share * own + (1 - share) * other, n->type);
        }
}

void ic_cpu_normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                            const uint8_t *other, const float *share,
                            const float mean[3], const float std[3], int batch,
                            size_t pixels, enum ic_type type)
{
    struct normalize n = {.x = x,
                          .type = type,
                          .rgb = rgb,
                          .other = other,
                          .share = share,
                          .pixels = pixels};

    fill_values(&n, mean, std);
    ic_cpu_run(device, (size_t)batch, mix_picture, &n);
}
