/* SPDX-License-Identifier: MIT */
/*
 * The resampler against its formula in double precision, and its exact properties.
 * (Equal bytes with Pillow: test_image_golden.c.)
 */
#include <stdbool.h>

#include "check.h"
#include "image/resize.h"

static struct ic_error error;

static uint32_t draw(uint32_t below)
{
    static uint32_t state = 7;

    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * below) >> 32);
}

static struct ic_image noise(int width, int height)
{
    struct ic_image image;

    CHECK_OK(ic_image_alloc(&image, width, height, &error));
    for (int i = 0; i < width * height * 3; i++)
        image.rgb[i] = (uint8_t)draw(256);
    return image;
}

static uint8_t *resize(const struct ic_image *image, struct ic_rect rect, int width,
                       int height)
{
    uint8_t *out = check_alloc((size_t)width * height, 3);

    CHECK_OK(ic_resize_bilinear(out, image, rect, width, height, &error));
    return out;
}

/* Position `i` of an axis that continues as its reflection, found step by step. */
static int walk(int i, int length)
{
    int at = 0, step = length > 1 ? 1 : 0;

    for (int left = abs(i); left > 0; left--) {
        at += step;
        if (at == length - 1)
            step = -step;
        else if (at == 0)
            step = -step;
    }
    return at;
}

static double triangle(int j, double centre, double half_width)
{
    const double distance = fabs(j + 0.5 - centre) / half_width;

    return distance < 1 ? 1 - distance : 0;
}

/* The weighted mean over the rectangle, both axes at once, without rounding. */
static double naive(const struct ic_image *image, struct ic_rect rect, int width,
                    int height, int x, int y, int c)
{
    const double across = (double)rect.width / width;
    const double down = (double)rect.height / height;
    double sum = 0, weights = 0;

    for (int j = 0; j < rect.height; j++)
        for (int i = 0; i < rect.width; i++) {
            const double weight =
                triangle(i, (x + 0.5) * across, across > 1 ? across : 1) *
                triangle(j, (y + 0.5) * down, down > 1 ? down : 1);
            const int sx = walk(rect.left + i, image->width);
            const int sy = walk(rect.top + j, image->height);

            sum += weight * image->rgb[(sy * image->width + sx) * 3 + c];
            weights += weight;
        }
    return sum / weights;
}

/* Two roundings to whole numbers are allowed; the second pass averages the first one's.
 */
static void test_formula(void)
{
    for (int trial = 0; trial < 40; trial++) {
        const struct ic_image image = noise(1 + (int)draw(30), 1 + (int)draw(30));
        const bool inside = trial % 3 != 0;
        const int w = image.width, h = image.height;
        const int out_w = 1 + (int)draw(40), out_h = 1 + (int)draw(40);
        struct ic_rect rect;
        double worst = 0;
        uint8_t *out;

        rect.left = inside ? (int)draw((uint32_t)w) : (int)draw(60) - 40;
        rect.top = inside ? (int)draw((uint32_t)h) : (int)draw(60) - 40;
        rect.width = 1 + (int)draw(inside ? (uint32_t)(w - rect.left) : 50);
        rect.height = 1 + (int)draw(inside ? (uint32_t)(h - rect.top) : 50);
        out = resize(&image, rect, out_w, out_h);
        for (int i = 0; i < out_w * out_h * 3; i++)
            worst =
                fmax(worst, fabs(out[i] - naive(&image, rect, out_w, out_h,
                                                i / 3 % out_w, i / 3 / out_w, i % 3)));
        if (!(worst <= 1.01))
            CHECK_FAIL("%d x %d, part %d %d %d %d to %d x %d is off by %g", w, h,
                       rect.left, rect.top, rect.width, rect.height, out_w, out_h,
                       worst);
        free(out);
        free(image.rgb);
    }
}

/* The same size gives the same bytes. */
static void test_identity(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 9}, {13, 1}, {64, 48}, {33, 70}};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct ic_image image = noise(sizes[i][0], sizes[i][1]);
        const struct ic_rect all = {0, 0, image.width, image.height};
        uint8_t *out = resize(&image, all, image.width, image.height);

        CHECK(memcmp(out, image.rgb, (size_t)image.width * image.height * 3) == 0);
        free(out);
        free(image.rgb);
    }
}

/* Every constant is preserved at every scale: the weights sum to one. */
static void test_constants(void)
{
    static const int sizes[][2] = {{1, 1}, {7, 5}, {224, 3}, {50, 50}};
    struct ic_image image = noise(61, 47);
    const struct ic_rect all = {0, 0, 61, 47};

    for (int value = 0; value < 256; value++) {
        const int *size = sizes[value % 4];
        uint8_t *out;
        int wrong = 0;

        memset(image.rgb, value, 61 * 47 * 3);
        out = resize(&image, all, size[0], size[1]);
        for (int i = 0; i < size[0] * size[1] * 3; i++)
            wrong += out[i] != value;
        CHECK_INT(wrong, 0);
        free(out);
    }
    ic_image_free(&image);
}

/* A mean lies between the minimum and the maximum. */
static void test_bounds(void)
{
    struct ic_image image = noise(90, 70);
    const struct ic_rect all = {0, 0, 90, 70};
    uint8_t *out;

    for (int i = 0; i < 90 * 70 * 3; i++)
        image.rgb[i] = (uint8_t)(100 + image.rgb[i] % 20);
    out = resize(&image, all, 200, 31);
    for (int i = 0; i < 200 * 31 * 3; i++)
        CHECK(out[i] >= 100 && out[i] < 120);
    free(out);
    ic_image_free(&image);
}

/* Pixels outside the rectangle do not count: the result is that of a copy of the
 * rectangle alone. */
static void test_only_the_rectangle(void)
{
    struct ic_image image = noise(40, 50), part;
    const struct ic_rect rect = {7, 11, 21, 30}, all = {0, 0, 21, 30};
    static const int sizes[][2] = {{8, 8}, {60, 50}, {3, 29}, {21, 30}};

    CHECK_OK(ic_image_alloc(&part, 21, 30, &error));
    for (int y = 0; y < 30; y++)
        memcpy(part.rgb + y * 21 * 3, image.rgb + ((y + 11) * 40 + 7) * 3, 21 * 3);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int w = sizes[i][0], h = sizes[i][1];
        uint8_t *a = resize(&image, rect, w, h), *b = resize(&part, all, w, h);

        CHECK(memcmp(a, b, (size_t)w * h * 3) == 0);
        free(a);
        free(b);
    }
    ic_image_free(&image);
    ic_image_free(&part);
}

/* Beyond the picture: the result is that of a copy with its reflections drawn out, in
 * both orders of the passes. */
static void test_reflection(void)
{
    static const int sizes[][2] = {{16, 16}, {90, 90}, {45, 3}, {2, 60}};
    struct ic_image image = noise(9, 14), padded;
    const struct ic_rect rect = {-20, -17, 45, 60}, all = {0, 0, 45, 60};

    CHECK_OK(ic_image_alloc(&padded, 45, 60, &error));
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < 45; x++)
            memcpy(padded.rgb + (y * 45 + x) * 3,
                   image.rgb + (walk(y - 17, 14) * 9 + walk(x - 20, 9)) * 3, 3);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int w = sizes[i][0], h = sizes[i][1];
        uint8_t *a = resize(&image, rect, w, h), *b = resize(&padded, all, w, h);

        CHECK(memcmp(a, b, (size_t)w * h * 3) == 0);
        free(a);
        free(b);
    }
    ic_image_free(&image);
    ic_image_free(&padded);
}

/* The longest possible sides. */
static void test_extremes(void)
{
    const int side = IC_IMAGE_MAX_SIDE;
    struct ic_image wide = noise(side, 1), tall = noise(1, side);
    const struct ic_rect across = {0, 0, side, 1}, down = {0, 0, 1, side};
    uint8_t *out;

    out = resize(&wide, across, 1, 1);
    CHECK_NEAR(out[0], naive(&wide, across, 1, 1, 0, 0, 0), 1.01);
    free(out);
    out = resize(&tall, down, 1, 1);
    CHECK_NEAR(out[2], naive(&tall, down, 1, 1, 0, 0, 2), 1.01);
    free(out);
    memset(wide.rgb, 255, (size_t)side * 3);
    out = resize(&wide, across, 2, 3);
    for (int i = 0; i < 18; i++)
        CHECK_INT(out[i], 255);
    free(out);
    out = resize(&tall, (struct ic_rect){0, side - 1, 1, 1}, side, 1);
    CHECK_INT(out[3 * side - 1], tall.rgb[3 * side - 1]);
    free(out);
    ic_image_free(&wide);
    ic_image_free(&tall);
}

int main(void)
{
    test_formula();
    test_identity();
    test_constants();
    test_bounds();
    test_only_the_rectangle();
    test_reflection();
    test_extremes();
    return check_result();
}
