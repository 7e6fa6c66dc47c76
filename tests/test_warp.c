/* SPDX-License-Identifier: MIT */
/*
 * Augmented pictures against fastai's own functions (tests/golden/augment.txt, written
 * by scripts/golden-fastai-augment.py), and against a naive sampler in double on
 * awkward sizes.
 */
#include "image/warp.h"

#include "base/random.h"
#include "check.h"
#include "golden.h"
#include "image/sample.h"
#include "image/tone.h"

enum { LINE = 8192, MAX_SIZE = 32 };

static struct ic_error error;
static uint8_t curve[IC_TONE_SIZE];

/* The pictures of the golden file. */
static struct ic_image draw_picture(int number, int side)
{
    struct ic_image image = {side, side, check_alloc((size_t)(side * side), 3)};
    uint8_t *pixel = image.rgb;

    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++, pixel += 3) {
            pixel[0] = (uint8_t)(number == 0 ? 7 * x + 3 * y : 5 * x);
            pixel[1] = (uint8_t)(number == 0 ? 5 * x + 13 * y : 5 * y);
            pixel[2] = (uint8_t)(number == 0 ? 9 * (x ^ y) : 255 - 5 * x);
        }
    return image;
}

/* --- against fastai ------------------------------------------------------------- */

struct view {
    int picture, side, size;
    struct ic_warp warp;
    double brightness, contrast;
};

/* The parameters after "case" or "twice". */
static struct view read_view(const char *text)
{
    struct view v = {0};
    struct ic_warp *w = &v.warp;
    int flip;

    if (sscanf(text, "%d %d %d %d %lf %lf %lf %lf %lf %lf %d %d %d %lf %lf", &v.picture,
               &v.side, &v.size, &flip, &w->degrees, &w->zoom, &w->zoom_x, &w->zoom_y,
               &w->warp_x, &w->warp_y, &w->left, &w->top, &w->crop, &v.brightness,
               &v.contrast) != 15)
        exit(99);
    w->flip = flip;
    return v;
}

static void read_numbers(FILE *file, const char *name, double *numbers, int count)
{
    char line[LINE], *at = line;

    if (!golden_line(file, line, sizeof line) || strncmp(line, name, strlen(name)) != 0)
        exit(99);
    at += strlen(name);
    for (int i = 0; i < count; i++)
        numbers[i] = strtod(at, &at);
}

/* The largest difference between `size` rows of pixels and the next ones in the file.
 */
static double read_difference(FILE *file, const uint8_t *rgb, int size)
{
    double row[3 * MAX_SIZE], worst = 0;

    for (int y = 0; y < size; y++) {
        read_numbers(file, "", row, 3 * size);
        for (int i = 0; i < 3 * size; i++)
            worst = check_larger(worst, fabs(rgb[3 * size * y + i] - row[i]));
    }
    return worst;
}

static void show(uint8_t *out, const struct view *v)
{
    struct ic_image image = draw_picture(v->picture, v->side);
    double matrix[9];

    ic_warp_matrix(matrix, &v->warp, v->side);
    ic_tone_curve(curve, v->brightness, v->contrast);
    CHECK_OK(ic_sample(out, &image, v->size, matrix, curve, &error));
    ic_image_free(&image);
}

static void check_matrices(FILE *file, const struct view *v)
{
    struct ic_warp affine_only = v->warp, warp_only = ic_warp_none(v->side);
    double expected[10], found[9];

    affine_only.warp_x = affine_only.warp_y = 0;
    affine_only.left = affine_only.top = 0;
    affine_only.crop = v->side;
    warp_only.warp_x = v->warp.warp_x;
    warp_only.warp_y = v->warp.warp_y;
    read_numbers(file, "affine", expected, 6);
    ic_warp_matrix(found, &affine_only, v->side);
    for (int i = 0; i < 6; i++)
        CHECK_NEAR(found[i], expected[i], 1e-6);
    read_numbers(file, "warp", expected, 8);
    ic_warp_matrix(found, &warp_only, v->side);
    for (int i = 0; i < 8; i++)
        CHECK_NEAR(found[i], expected[i], 1e-6);

    /* The corners of the output, then its middle. */
    read_numbers(file, "coords", expected, 10);
    ic_warp_matrix(found, &v->warp, v->side);
    for (int i = 0; i < 5; i++) {
        const double x = i == 4 ? 0 : i & 1 ? 1 : -1, y = i == 4 ? 0 : i & 2 ? 1 : -1;
        const double w = found[6] * x + found[7] * y + found[8];

        CHECK(w > 0);
        CHECK_NEAR((found[0] * x + found[1] * y + found[2]) / w, expected[2 * i], 1e-6);
        CHECK_NEAR((found[3] * x + found[4] * y + found[5]) / w, expected[2 * i + 1],
                   1e-6);
    }
}

/* Rounding is half a level; the rest is fastai's own float32 and our fixed point. */
static void test_golden(void)
{
    FILE *file = golden_open("augment.txt");
    uint8_t out[3 * MAX_SIZE * MAX_SIZE];
    int cases = 0, twice = 0, valid = 0;
    char line[LINE];

    while (golden_line(file, line, sizeof line)) {
        struct view v = {.brightness = 0.5, .contrast = 1};
        double worst, allowed = 0.75;

        if (strncmp(line, "case ", 5) == 0) {
            v = read_view(line + 5);
            check_matrices(file, &v);
            read_numbers(file, "pixels", NULL, 0);
            cases++;
        } else if (strncmp(line, "twice ", 6) == 0) {
            v = read_view(line + 6);
            allowed = 1; /* its second resampling filters what the first one curved */
            twice++;
        } else {
            if (sscanf(line, "valid %d %d", &v.side, &v.size) != 2)
                exit(99);
            v.warp = ic_warp_none(v.side);
            valid++;
        }
        show(out, &v);
        worst = read_difference(file, out, v.size);
        if (!(worst <= allowed))
            CHECK_FAIL("%.40s: a pixel differs by %g levels", line, worst);
    }
    fclose(file);
    CHECK(cases >= 20 && twice >= 2 && valid >= 4);
}

/* --- against a naive sampler ---------------------------------------------------- */

/* Walks to x from 0 in a picture that continues as mirror images: exact at any
 * distance. */
static double mirror(double x, int side)
{
    const double span = side - 1;

    if (side == 1)
        return 0;
    while (x < 0 || x > span)
        x = x < 0 ? -x : 2 * span - x;
    return x;
}

static double pixel_at(const struct ic_image *image, int x, int y, int c)
{
    const int last = image->width - 1;

    x = x > last ? last : x;
    y = y > last ? last : y;
    return image->rgb[3 * (y * image->width + x) + c];
}

static double sample_naively(const struct ic_image *image, double x, double y, int c)
{
    const double px = mirror((x + 1) / 2 * (image->width - 1), image->width);
    const double py = mirror((y + 1) / 2 * (image->width - 1), image->width);
    const int left = (int)floor(px), top = (int)floor(py);
    const double u = px - left, v = py - top;

    return (1 - v) * ((1 - u) * pixel_at(image, left, top, c) +
                      u * pixel_at(image, left + 1, top, c)) +
           v * ((1 - u) * pixel_at(image, left, top + 1, c) +
                u * pixel_at(image, left + 1, top + 1, c));
}

/* A matrix that scales and shifts far beyond the picture; no pixels are averaged. */
static void check_naive(int side, int size, const double m[9])
{
    struct ic_image image = {side, side, check_alloc((size_t)(side * side), 3)};
    uint8_t out[3 * MAX_SIZE * MAX_SIZE];
    struct ic_random random;
    double worst = 0;

    ic_random_init(&random, 1, IC_RANDOM_BENCH, (uint32_t)side, (uint32_t)size);
    for (int i = 0; i < 3 * side * side; i++)
        image.rgb[i] = (uint8_t)ic_random_u32(&random);
    ic_tone_curve(curve, 0.5, 1);
    CHECK_OK(ic_sample(out, &image, size, m, curve, &error));
    for (int i = 0; i < size * size; i++) {
        const double x = size > 1 ? -1 + 2.0 * (i % size) / (size - 1) : 0;
        const double y = size > 1 ? -1 + 2.0 * (i / size) / (size - 1) : 0;
        const double w = m[6] * x + m[7] * y + m[8];

        for (int c = 0; c < 3; c++) {
            const double expected =
                sample_naively(&image, (m[0] * x + m[1] * y + m[2]) / w,
                               (m[3] * x + m[4] * y + m[5]) / w, c);

            worst = check_larger(worst, fabs(out[3 * i + c] - expected));
        }
    }
    if (!(worst <= 0.75))
        CHECK_FAIL("side %d, size %d: %g levels", side, size, worst);
    ic_image_free(&image);
}

static void test_naive(void)
{
    static const int sides[] = {1, 2, 3, 5, 8, 13, 30}, sizes[] = {1, 2, 7, 16, 31};
    static const double matrices[][9] = {
        {1, 0, 0, 0, 1, 0, 0, 0, 1},
        {-1, 0, 0, 0, 1, 0, 0, 0, 1},
        {0.3, 0.1, 0.2, -0.2, 0.4, -0.1, 0, 0, 1},
        {0.9, -0.3, 0.1, 0.2, 1.1, -0.2, 0.3, -0.25, 1.1},
        {1.3, 0, 9.7, 0, 1.2, -8.1, 0, 0, 1}, /* several mirror images away */
        {0.5, 0.5, -31, 0.5, -0.5, 17, 0, 0, 1},
    };

    for (size_t m = 0; m < sizeof matrices / sizeof matrices[0]; m++)
        for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
            for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
                if (sides[i] <= 2 * sizes[k]) /* pixels are averaged first */
                    check_naive(sides[i], sizes[k], matrices[m]);
}

/* --- exact properties ----------------------------------------------------------- */

static void show_warp(uint8_t *out, const struct ic_image *image, int size,
                      struct ic_warp warp)
{
    double matrix[9];

    ic_warp_matrix(matrix, &warp, image->width);
    CHECK_OK(ic_sample(out, image, size, matrix, curve, &error));
}

/* The neutral warp changes nothing, two flips cancel out, and a crop as large as the
 * output is a copy. */
static void test_exact(void)
{
    static const int sides[] = {1, 2, 3, 8, 31};

    ic_tone_curve(curve, 0.5, 1);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        const int side = sides[i];
        struct ic_image image = draw_picture(0, side);
        struct ic_warp warp = ic_warp_none(side);
        uint8_t out[3 * MAX_SIZE * MAX_SIZE];

        show_warp(out, &image, side, warp);
        CHECK(memcmp(out, image.rgb, (size_t)(3 * side * side)) == 0);
        warp.flip = true;
        show_warp(out, &image, side, warp);
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                CHECK(memcmp(out + 3 * (y * side + x),
                             image.rgb + 3 * (y * side + side - 1 - x), 3) == 0);
        warp = (struct ic_warp){.zoom = 1, .left = side / 3, .top = side / 2};
        warp.crop = side - side / 2;
        show_warp(out, &image, warp.crop, warp);
        for (int y = 0; y < warp.crop; y++)
            CHECK(memcmp(out + 3 * y * warp.crop,
                         image.rgb + 3 * ((warp.top + y) * side + warp.left),
                         (size_t)(3 * warp.crop)) == 0);
        ic_image_free(&image);
    }
}

/* A single colour stays that colour, with any geometry, averaged first or not. */
static void test_flat(void)
{
    const struct ic_warp warp = {false, 9, 1.05, 0.2, 0.9, 0.2, -0.2, 1, 0, 60};
    struct ic_image image = {61, 61, check_alloc(61 * 61, 3)};
    uint8_t out[3 * MAX_SIZE * MAX_SIZE];

    ic_tone_curve(curve, 0.5, 1);
    for (int level = 0; level < 256; level += 51) {
        memset(image.rgb, level, 3 * 61 * 61);
        for (int size = 3; size <= MAX_SIZE; size += 7) {
            show_warp(out, &image, size, warp);
            for (int i = 0; i < 3 * size * size; i++)
                CHECK_INT(out[i], level);
        }
    }
    ic_image_free(&image);
}

/* --- light ---------------------------------------------------------------------- */

/* The definition, with fastai's clamp. */
static double light_naively(double x, double brightness, double contrast)
{
    const double inside = x < 1e-7 ? 1e-7 : x > 1 - 1e-7 ? 1 - 1e-7 : x;
    const double line =
        contrast * (log(inside / (1 - inside)) + log(brightness / (1 - brightness)));

    return 255 / (1 + exp(-line));
}

static void test_light(void)
{
    static const double pairs[][2] = {{0.5, 1},    {0.4, 1},    {0.6, 1},
                                      {0.5, 0.8},  {0.5, 1.25}, {0.4, 1.25},
                                      {0.6, 1.25}, {0.6, 0.8}};

    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
        const double *p = pairs[k];

        ic_tone_curve(curve, p[0], p[1]);
        CHECK_INT(curve[0], 0);
        CHECK_INT(curve[IC_TONE_WHITE], 255);
        for (int i = 0; i < IC_TONE_SIZE; i++) {
            const double exact = light_naively((double)i / IC_TONE_WHITE, p[0], p[1]);

            if (!(fabs(curve[i] - exact) <= 0.5 + 1e-9))
                CHECK_FAIL("%g, %g at %d: %d, not %g", p[0], p[1], i, curve[i], exact);
            CHECK(i == 0 || curve[i] >= curve[i - 1]);
        }
    }
}

int main(void)
{
    test_golden();
    test_naive();
    test_exact();
    test_flat();
    test_light();
    return check_result();
}
