/* SPDX-License-Identifier: MIT */
/*
 * The window of a fit: its position, and that exactly this window is resized. The
 * expected windows were worked out by hand from fastai's rule. Equal bytes:
 * test_image_golden.c.
 */
#include <stdbool.h>

#include "check.h"
#include "image/fit.h"

static struct ic_error error;

static void expect(int width, int height, int size, enum ic_fit fit, double u, double v,
                   struct ic_rect rect)
{
    const struct ic_fit_place place = {u, v};
    const struct ic_rect found = ic_fit_window(width, height, size, fit, place);

    if (found.left != rect.left || found.top != rect.top || found.width != rect.width ||
        found.height != rect.height)
        CHECK_FAIL("%d x %d to %d at %g %g: %d %d %d %d, expected %d %d %d %d", width,
                   height, size, u, v, found.left, found.top, found.width, found.height,
                   rect.left, rect.top, rect.width, rect.height);
}

static void test_crop(void)
{
    const enum ic_fit crop = IC_FIT_CROP;

    expect(500, 375, 224, crop, 0.5, 0.5, (struct ic_rect){62, 0, 375, 375});
    expect(375, 500, 224, crop, 0.5, 0.5, (struct ic_rect){0, 62, 375, 375});
    expect(500, 375, 224, crop, 0, 0.7, (struct ic_rect){0, 0, 375, 375});
    expect(500, 375, 224, crop, 1, 1, (struct ic_rect){125, 0, 375, 375});
    expect(500, 375, 224, crop, 0.9999, 0, (struct ic_rect){124, 0, 375, 375});
    expect(300, 300, 64, crop, 0.3, 0.8, (struct ic_rect){0, 0, 300, 300});
    expect(10, 20, 224, crop, 0.5, 0.25, (struct ic_rect){0, 2, 10, 10});
    expect(1, 1, 224, crop, 0.5, 0.5, (struct ic_rect){0, 0, 1, 1});
    expect(1, 1, 49, crop, 0.5, 0.5,
           (struct ic_rect){0, 0, 1, 1}); /* 1 / 49 * 49 < 1 */
    expect(1, 32768, 224, crop, 0.5, 1, (struct ic_rect){0, 32767, 1, 1});
    /* 460 / 224 * 224 is a little less than 460 in double. */
    expect(500, 460, 224, crop, 0.5, 0.5, (struct ic_rect){20, 0, 459, 459});
    expect(500, 460, 224, crop, 1, 1, (struct ic_rect){41, 1, 459, 459});
    expect(500, 460, 256, crop, 0.5, 0.5, (struct ic_rect){20, 0, 460, 460});
}

static void test_pad(void)
{
    const enum ic_fit pad = IC_FIT_PAD;

    expect(500, 375, 224, pad, 0.5, 0.5, (struct ic_rect){0, -62, 500, 500});
    expect(375, 500, 224, pad, 0.5, 0.5, (struct ic_rect){-62, 0, 500, 500});
    expect(500, 375, 224, pad, 0.2, 1, (struct ic_rect){0, -125, 500, 500});
    expect(1, 1, 224, pad, 0.5, 0.5, (struct ic_rect){0, 0, 1, 1});
    expect(300, 300, 64, pad, 0.3, 0.8, (struct ic_rect){0, 0, 300, 300});
    /* Offsets are truncated towards 0. */
    expect(500, 375, 224, pad, 0.5, 0, (struct ic_rect){0, 0, 500, 500});
    expect(500, 499, 224, pad, 0.5, 0.5, (struct ic_rect){0, 0, 500, 500});
    expect(500, 498, 224, pad, 0.5, 0.5, (struct ic_rect){0, -1, 500, 500});
    /* The window is one pixel smaller than the picture: see test_crop. */
    expect(460, 100, 224, pad, 0.5, 0.5, (struct ic_rect){0, -179, 459, 459});
    expect(460, 100, 224, pad, 1, 0, (struct ic_rect){1, 0, 459, 459});
}

static void test_squish(void)
{
    expect(500, 375, 224, IC_FIT_SQUISH, 0.1, 0.9, (struct ic_rect){0, 0, 500, 375});
    expect(1, 32768, 8, IC_FIT_SQUISH, 0.1, 0.9, (struct ic_rect){0, 0, 1, 32768});
}

/* The window stays within its bounds for all sizes and positions. */
static void test_bounds(void)
{
    static const double places[] = {0, 0.1, 0.5, 0.999999999, 1};

    for (int w = 1; w < 600; w += 7)
        for (int h = 1; h < 600; h += 11)
            for (int i = 0; i < 25; i++) {
                const struct ic_fit_place place = {places[i / 5], places[i % 5]};
                const int side = w < h ? w : h, longer = w > h ? w : h;
                struct ic_rect r = ic_fit_window(w, h, 224, IC_FIT_CROP, place);

                CHECK(r.left >= 0 && r.top >= 0);
                CHECK(r.left + r.width <= w && r.top + r.height <= h);
                CHECK(r.width == r.height && r.width <= side && r.width >= side - 1);
                r = ic_fit_window(w, h, 224, IC_FIT_PAD, place);
                CHECK(r.width == r.height && r.width <= longer &&
                      r.width >= longer - 1);
                CHECK(r.left + r.width <= longer && r.top + r.height <= longer);
                CHECK(r.left <= 1 && r.top <= 1);
            }
}

static struct ic_image numbered(int width, int height)
{
    struct ic_image image;

    CHECK_OK(ic_image_alloc(&image, width, height, &error));
    for (int i = 0; i < width * height * 3; i++)
        image.rgb[i] = (uint8_t)(i * 37 + i / 251);
    return image;
}

/* ic_fit_square resizes the window, and mirrors the result when asked. */
static void test_square(void)
{
    static const enum ic_fit fits[] = {IC_FIT_CROP, IC_FIT_PAD, IC_FIT_SQUISH};
    static const int sizes[] = {1, 2, 7, 16, 33};
    const struct ic_fit_place place = {0.3, 0.6};
    struct ic_image image = numbered(31, 23);

    for (int i = 0; i < 15; i++) {
        const enum ic_fit fit = fits[i / 5];
        const int size = sizes[i % 5];
        const struct ic_rect rect = ic_fit_window(31, 23, size, fit, place);
        uint8_t *plain = check_alloc((size_t)size * size, 3);
        uint8_t *fitted = check_alloc((size_t)size * size, 3);
        int wrong = 0;

        CHECK_OK(ic_resize_bilinear(plain, &image, rect, size, size, &error));
        CHECK_OK(ic_fit_square(fitted, &image, size, fit, place, false, &error));
        CHECK(memcmp(plain, fitted, (size_t)size * size * 3) == 0);
        CHECK_OK(ic_fit_square(fitted, &image, size, fit, place, true, &error));
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                wrong += memcmp(fitted + (y * size + x) * 3,
                                plain + (y * size + size - 1 - x) * 3, 3) != 0;
        CHECK_INT(wrong, 0);
        free(plain);
        free(fitted);
    }
    ic_image_free(&image);
}

/* A picture of one row, padded to a square, repeats this row throughout. */
static void test_pad_of_one_row(void)
{
    struct ic_image image = numbered(32768, 1);
    uint8_t square[8 * 8 * 3];

    CHECK_OK(ic_fit_square(square, &image, 8, IC_FIT_PAD,
                           (struct ic_fit_place){0.5, 0.5}, false, &error));
    for (int y = 1; y < 8; y++)
        CHECK(memcmp(square, square + y * 24, 24) == 0);
    ic_image_free(&image);
}

int main(void)
{
    test_crop();
    test_pad();
    test_squish();
    test_bounds();
    test_square();
    test_pad_of_one_row();
    return check_result();
}
