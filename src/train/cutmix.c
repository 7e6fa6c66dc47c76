/* SPDX-License-Identifier: MIT */
/*
 * The rectangles of CutMix. See cutmix.h.
 */
#include "train/cutmix.h"

#include <math.h>
#include <string.h>

static int within(int value, int size)
{
    return value < 0 ? 0 : value > size ? size : value;
}

struct ic_cut ic_cut_at(double x, int centre_x, int centre_y, int size)
{
    const int half = (int)rint(size * sqrt(1 - x)) / 2;

    return (struct ic_cut){.left = within(centre_x - half, size),
                           .top = within(centre_y - half, size),
                           .right = within(centre_x + half, size),
                           .bottom = within(centre_y + half, size)};
}

struct ic_cut ic_cut_draw(double alpha, int size, struct ic_random *random)
{
    const double x = ic_random_beta(random, alpha);
    const int centre_x = (int)ic_random_below(random, (uint32_t)size);
    const int centre_y = (int)ic_random_below(random, (uint32_t)size);

    return ic_cut_at(x, centre_x, centre_y, size);
}

double ic_cut_share(const struct ic_cut *cut, int size)
{
    const double area = (double)(cut->right - cut->left) * (cut->bottom - cut->top);

    return 1 - area / ((double)size * size);
}

void ic_cut_apply(uint8_t *rgb, const uint8_t *own, const uint8_t *other,
                  const struct ic_cut *cut, int size)
{
    const size_t row = 3 * (size_t)size, first = 3 * (size_t)cut->left;
    const size_t bytes = 3 * (size_t)(cut->right - cut->left);

    memcpy(rgb, own, row * (size_t)size);
    for (size_t y = (size_t)cut->top; y < (size_t)cut->bottom; y++)
        memcpy(rgb + y * row + first, other + y * row + first, bytes);
}
