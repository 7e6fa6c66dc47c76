/* SPDX-License-Identifier: MIT */
/*
 * Draws and erases a rectangle. See erase.h.
 */
#include "data/erase.h"

#include <math.h>
#include <stddef.h>

#define MAX_AREA  0.3 /* fastai's sh, of the picture; the least is 0 */
#define MIN_RATIO 0.3 /* fastai's min_aspect */

/* ImageNet's mean and deviation by channel, in levels of 0 to 255. */
static const double mean[3] = {0.485 * 255, 0.456 * 255, 0.406 * 255};
static const double deviation[3] = {0.229 * 255, 0.224 * 255, 0.225 * 255};

/* Sets a side's length from its square and draws where the side begins. */
static void draw_side(int *ret_first, int *ret_length, double square, int size,
                      struct ic_random *random)
{
    const long length = lround(sqrt(square));

    *ret_length = length < size ? (int)length : size;
    *ret_first = (int)ic_random_below(random, (uint32_t)(size - *ret_length) + 1);
}

void ic_erase_draw(struct ic_erasure *ret_erasure, int size, struct ic_random *random)
{
    const double area = MAX_AREA * ic_random_uniform(random) * size * size;
    const double ratio = exp(log(MIN_RATIO) * (1 - 2 * ic_random_uniform(random)));

    draw_side(&ret_erasure->top, &ret_erasure->height, area * ratio, size, random);
    draw_side(&ret_erasure->left, &ret_erasure->width, area / ratio, size, random);
    ret_erasure->noise = *random;
}

void ic_erase_apply(uint8_t *rgb, int size, const struct ic_erasure *erasure)
{
    struct ic_random noise = erasure->noise;

    for (int y = erasure->top; y < erasure->top + erasure->height; y++)
        for (int i = 0; i < 3 * erasure->width; i++) {
            const double level =
                mean[i % 3] + deviation[i % 3] * ic_random_normal(&noise);

            rgb[3 * ((ptrdiff_t)y * size + erasure->left) + i] =
                (uint8_t)lround(level < 0     ? 0
                                : level > 255 ? 255
                                              : level);
        }
}
