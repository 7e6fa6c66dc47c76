/* SPDX-License-Identifier: MIT */
/*
 * JPEGs decoded at a reduced scale: which scale is chosen, and how far the pixels are
 * from those of the whole picture. (Equal bytes with Pillow's draft:
 * test_image_golden.c.)
 */
#include "check.h"
#include "image/encode.h"
#include "image/fit.h"

enum { WIDTH = 512, HEIGHT = 389 };

static struct ic_error error;

/* Waves of several lengths, and an edge. The shortest wave has 11 pixels, where the two
 * ways differ most: BILINEAR removes more of it. */
static uint8_t *encode(enum ic_image_format format, int width, int height,
                       size_t *ret_size)
{
    struct ic_image image;
    uint8_t *bytes = NULL;

    CHECK_OK(ic_image_alloc(&image, width, height, &error));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                image.rgb[((size_t)y * (size_t)width + (size_t)x) * 3 + c] =
                    (uint8_t)(128 + 50 * sin(x * 0.04 + c) + 30 * cos(y * 0.07 - c) +
                              15 * sin((x + y) * 0.4) + (3 * x + 2 * y > 900 ? 25 : 0));
    CHECK_OK(ic_image_encode(&image, format, 90, &bytes, ret_size, &error));
    ic_image_free(&image);
    return bytes;
}

static struct ic_image decode(const uint8_t *bytes, size_t size, int side)
{
    struct ic_image image;

    CHECK_OK(ic_image_decode_reduced(bytes, size, "it", side, &image, NULL, &error));
    return image;
}

/* Both sides stay at least as long as asked, but at half the scale they would not;
 * sides are rounded up. */
static void test_scales(const uint8_t *bytes, size_t size, int width, int height)
{
    static const struct {
        int side, scale;
    } cases[] = {{0, 1},   {1, 8},   {48, 8},  {49, 4},  {97, 4},   {98, 2},
                 {194, 2}, {195, 1}, {389, 1}, {390, 1}, {32768, 1}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int scale = cases[i].scale;
        struct ic_image image = decode(bytes, size, cases[i].side);

        CHECK_INT(image.width, (width + scale - 1) / scale);
        CHECK_INT(image.height, (height + scale - 1) / scale);
        ic_image_free(&image);
    }
}

static void test_other_formats(void)
{
    size_t size;
    uint8_t *bytes = encode(IC_IMAGE_PNG, WIDTH, HEIGHT, &size);
    struct ic_image image = decode(bytes, size, 20);

    CHECK_INT(image.width, WIDTH);
    CHECK_INT(image.height, HEIGHT);
    ic_image_free(&image);
    free(bytes);
}

/* The middle square of `side` pixels, from a picture decoded for `enough` pixels. */
static uint8_t *square(const uint8_t *bytes, size_t size, int enough, int side)
{
    const struct ic_fit_place middle = {0.5, 0.5};
    struct ic_image image = decode(bytes, size, enough);
    uint8_t *out = check_alloc((size_t)side * side, 3);

    CHECK_OK(ic_fit_square(out, &image, side, IC_FIT_CROP, middle, false, &error));
    ic_image_free(&image);
    return out;
}

/* The squares are nearly the same, but not equal. */
static void test_difference(const uint8_t *bytes, size_t size)
{
    static const int sides[] = {48, 60, 90, 97, 150, 194};

    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        const int side = sides[i], count = 3 * side * side;
        uint8_t *exact = square(bytes, size, 0, side);
        uint8_t *fast = square(bytes, size, side, side);
        double sum = 0;
        int most = 0;

        for (int k = 0; k < count; k++) {
            const int difference = abs(exact[k] - fast[k]);
            sum += difference;
            most = difference > most ? difference : most;
        }
        printf("side %d: differs by %.2f levels in the mean, %d at most\n", side,
               sum / count, most);
        CHECK(sum > 0);
        CHECK(sum / count < 5.5);
        CHECK(most < 30);
        free(exact);
        free(fast);
    }
}

int main(void)
{
    size_t size;
    uint8_t *bytes = encode(IC_IMAGE_JPEG, WIDTH, HEIGHT, &size);

    test_scales(bytes, size, WIDTH, HEIGHT);
    test_other_formats();
    test_difference(bytes, size);
    free(bytes);
    bytes = encode(IC_IMAGE_JPEG, HEIGHT, WIDTH, &size);
    test_scales(bytes, size, HEIGHT, WIDTH);
    free(bytes);
    return check_result();
}
