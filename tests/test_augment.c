/* SPDX-License-Identifier: MIT */
/*
 * The augmentation drawn for a picture: its ranges, probabilities and means; that it is
 * a function of (seed, epoch, sample) alone; and its effect on a picture.
 */
#include "data/augment.h"

#include "base/random.h"
#include "check.h"
#include "image/sample.h"
#include "image/tone.h"

enum { DRAWS = 20000, PRESIZE = 460 };

static struct ic_error error;
static const struct ic_frame frame = {224, PRESIZE, IC_FIT_CROP, false};
static struct ic_augmentation drawn[DRAWS];

static void draw_fastai(void)
{
    for (uint32_t i = 0; i < DRAWS; i++)
        ic_augment_draw(&drawn[i], &frame, IC_AUGMENT_FASTAI, &ic_augment_fastai, 42, 3,
                        i);
}

/* --- one number of all draws ---------------------------------------------------- */

typedef double pick(const struct ic_augmentation *a);

static double pick_u(const struct ic_augmentation *a)
{
    return a->place.u;
}
static double pick_v(const struct ic_augmentation *a)
{
    return a->place.v;
}
static double pick_flip(const struct ic_augmentation *a)
{
    return a->warp.flip;
}
static double pick_warp_x(const struct ic_augmentation *a)
{
    return a->warp.warp_x;
}
static double pick_warp_y(const struct ic_augmentation *a)
{
    return a->warp.warp_y;
}
static double pick_degrees(const struct ic_augmentation *a)
{
    return a->warp.degrees;
}
static double pick_zoom(const struct ic_augmentation *a)
{
    return a->warp.zoom;
}
static double pick_zoom_x(const struct ic_augmentation *a)
{
    return a->warp.zoom_x;
}
static double pick_zoom_y(const struct ic_augmentation *a)
{
    return a->warp.zoom_y;
}
static double pick_bright(const struct ic_augmentation *a)
{
    return a->brightness;
}
static double pick_contrast(const struct ic_augmentation *a)
{
    return log(a->contrast);
}

/* The crop's area, and its position within the free room. */
static double pick_area(const struct ic_augmentation *a)
{
    return (double)a->warp.crop * a->warp.crop / PRESIZE / PRESIZE;
}

static double pick_left(const struct ic_augmentation *a)
{
    return (a->warp.left + 0.5) / (PRESIZE - a->warp.crop + 1);
}

static double pick_top(const struct ic_augmentation *a)
{
    return (a->warp.top + 0.5) / (PRESIZE - a->warp.crop + 1);
}

/* Uniform between least and most with probability `chance`, else neutral. Checks the
 * share of neutral values, and the range, mean and variance of the others, within five
 * standard deviations. */
static void check_uniform(const char *name, pick *value, double chance, double neutral,
                          double least, double most, double slack)
{
    const double width = most - least;
    double sum = 0, squares = 0, lowest = INFINITY, highest = -INFINITY;
    int count = 0;

    for (int i = 0; i < DRAWS; i++) {
        const double x = value(&drawn[i]);

        if (chance < 1 && x == neutral)
            continue;
        count++;
        sum += x - least;
        squares += (x - least) * (x - least);
        lowest = fmin(lowest, x);
        highest = fmax(highest, x);
    }
    const double mean = sum / count / width;
    const double variance = squares / count / width / width - mean * mean;

    if (fabs(count - chance * DRAWS) > 5 * sqrt(chance * (1 - chance) * DRAWS))
        CHECK_FAIL("%s: %d of %d are drawn", name, count, DRAWS);
    if (lowest < least - slack || highest > most + slack)
        CHECK_FAIL("%s: from %g to %g", name, lowest, highest);
    if (lowest > least + 0.01 * width || highest < most - 0.01 * width)
        CHECK_FAIL("%s: only from %g to %g", name, lowest, highest);
    if (fabs(mean - 0.5) > 5 * sqrt(1.0 / 12 / count) + slack / width)
        CHECK_FAIL("%s: mean %g of its range", name, mean);
    if (fabs(variance - 1.0 / 12) > 0.003)
        CHECK_FAIL("%s: variance %g, not 1/12", name, variance);
}

/* fastai's aug_transforms(size, min_scale=0.75). */
static void test_distributions(void)
{
    double flips = 0;

    draw_fastai();
    for (int i = 0; i < DRAWS; i++)
        flips += pick_flip(&drawn[i]);
    CHECK_NEAR(flips / DRAWS, 0.5, 5 * 0.5 / sqrt(DRAWS));
    check_uniform("u", pick_u, 1, 0, 0, 1, 0);
    check_uniform("v", pick_v, 1, 0, 0, 1, 0);
    check_uniform("warp_x", pick_warp_x, 0.75, 0, -0.2, 0.2, 0);
    check_uniform("warp_y", pick_warp_y, 0.75, 0, -0.2, 0.2, 0);
    check_uniform("degrees", pick_degrees, 0.75, 0, -10, 10, 0);
    check_uniform("zoom", pick_zoom, 0.75, 1, 1, 1.1, 0);
    check_uniform("zoom_x", pick_zoom_x, 1, 0, 0, 1, 0);
    check_uniform("zoom_y", pick_zoom_y, 1, 0, 0, 1, 0);
    check_uniform("area", pick_area, 1, 0, 0.75, 1, 0.002);
    check_uniform("left", pick_left, 1, 0, 0, 1, 0);
    check_uniform("top", pick_top, 1, 0, 0, 1, 0);
    check_uniform("brightness", pick_bright, 0.75, 0.5, 0.4, 0.6, 1e-12);
    check_uniform("contrast", pick_contrast, 0.75, 0, log(0.8), -log(0.8), 1e-12);
}

/* No two of the values are correlated. */
static void test_independence(void)
{
    static pick *const all[] = {pick_u,      pick_v,       pick_flip,   pick_warp_x,
                                pick_warp_y, pick_degrees, pick_zoom,   pick_zoom_x,
                                pick_zoom_y, pick_area,    pick_bright, pick_contrast};
    const size_t count = sizeof all / sizeof all[0];

    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < a; b++) {
            double x = 0, y = 0, xx = 0, yy = 0, xy = 0;

            for (int i = 0; i < DRAWS; i++) {
                const double p = all[a](&drawn[i]), q = all[b](&drawn[i]);

                x += p / DRAWS, y += q / DRAWS;
                xx += p * p / DRAWS, yy += q * q / DRAWS, xy += p * q / DRAWS;
            }
            xy = (xy - x * y) / sqrt((xx - x * x) * (yy - y * y));
            if (fabs(xy) > 5 / sqrt(DRAWS))
                CHECK_FAIL("numbers %zu and %zu: correlation %g", a, b, xy);
        }
}

/* --- streams -------------------------------------------------------------------- */

static bool same(const struct ic_augmentation *a, const struct ic_augmentation *b)
{
    return a->place.u == b->place.u && a->place.v == b->place.v &&
           a->warp.flip == b->warp.flip && a->warp.degrees == b->warp.degrees &&
           a->warp.zoom_x == b->warp.zoom_x && a->warp.crop == b->warp.crop &&
           a->warp.left == b->warp.left && a->brightness == b->brightness;
}

/* The same seed, epoch and sample give the same draws, in any order; another seed,
 * epoch or sample gives other draws. The square and the flip do not depend on the kind.
 */
static void test_streams(void)
{
    struct ic_augmentation a, b;

    for (uint32_t i = 100; i-- > 0;) {
        ic_augment_draw(&a, &frame, IC_AUGMENT_FASTAI, &ic_augment_fastai, 42, 3, i);
        CHECK(same(&a, &drawn[i]));
        ic_augment_draw(&b, &frame, IC_AUGMENT_FASTAI, &ic_augment_fastai, 43, 3, i);
        CHECK(!same(&a, &b));
        ic_augment_draw(&b, &frame, IC_AUGMENT_FASTAI, &ic_augment_fastai, 42, 4, i);
        CHECK(!same(&a, &b));
        CHECK(!same(&a, &drawn[i + 1]));
        ic_augment_draw(&b, &frame, IC_AUGMENT_FLIP, &ic_augment_fastai, 42, 3, i);
        CHECK(a.place.u == b.place.u && a.place.v == b.place.v);
        CHECK_INT(a.warp.flip, b.warp.flip);
        CHECK(b.warp.degrees == 0 && b.warp.crop == PRESIZE && b.contrast == 1);
        ic_augment_draw(&b, &frame, IC_AUGMENT_NONE, &ic_augment_fastai, 42, 3, i);
        CHECK(a.place.u == b.place.u && !b.warp.flip);
    }
}

/* Each part stays in its range and can be left out; the draw of one part does not
 * change the others. */
static void test_parts(void)
{
    const struct ic_augment_parts own = {.flip = 0,
                                         .max_rotate = 45,
                                         .max_zoom = 1,
                                         .max_warp = 0,
                                         .affine_chance = 1,
                                         .max_lighting = 0.4,
                                         .light_chance = 1,
                                         .min_scale = 1,
                                         .erase = 0};
    double most = 0, brightest = 0;
    struct ic_augmentation a;

    for (uint32_t i = 0; i < 400; i++) {
        ic_augment_draw(&a, &frame, IC_AUGMENT_FASTAI, &own, 42, 3, i);
        CHECK(!a.warp.flip && a.warp.warp_x == 0 && a.warp.warp_y == 0);
        CHECK(a.warp.zoom == 1 && a.warp.crop == PRESIZE && a.warp.left == 0);
        CHECK(a.erasure.width == 0);
        most = check_larger(most, fabs(a.warp.degrees));
        brightest = check_larger(brightest, a.brightness);
        CHECK(a.place.u == drawn[i].place.u);
        if (drawn[i].warp.degrees != 0)
            CHECK_NEAR(a.warp.degrees, 4.5 * drawn[i].warp.degrees, 1e-9);
    }
    CHECK(most > 40 && most <= 45);
    CHECK(brightest > 0.69 && brightest <= 0.7);
}

/* --- erasing ---------------------------------------------------------------------- */

/* Rectangles are inside the picture, of an allowed area and aspect ratio, and as
 * frequent as asked for, with any kind. Without erasing, the stream ends at the same
 * place as before. */
static void test_erase_draw(void)
{
    enum { COUNT = 2000, SIDE = 64 };
    const struct ic_frame s = {SIDE, 0, IC_FIT_CROP, false};
    struct ic_augment_parts parts = ic_augment_fastai;
    double area = 0, tall = 0;
    int erased = 0;
    struct ic_augmentation a, without;

    parts.erase = 0.25;
    for (uint32_t i = 0; i < COUNT; i++) {
        ic_augment_draw(&without, &s, IC_AUGMENT_FLIP, &ic_augment_fastai, 1, 2, i);
        ic_augment_draw(&a, &s, IC_AUGMENT_FLIP, &parts, 1, 2, i);
        CHECK(a.place.u == without.place.u && a.warp.flip == without.warp.flip);
        CHECK_INT(without.erasure.width, 0);
        if (a.erasure.width == 0 && a.erasure.height == 0)
            continue;
        erased++;
        CHECK(a.erasure.left >= 0 && a.erasure.left + a.erasure.width <= SIDE);
        CHECK(a.erasure.top >= 0 && a.erasure.top + a.erasure.height <= SIDE);
        area += (double)(a.erasure.width * a.erasure.height) / (SIDE * SIDE);
        tall += a.erasure.height > a.erasure.width;
        CHECK(a.erasure.width * a.erasure.height <= 0.32 * SIDE * SIDE);
    }
    CHECK(erased > COUNT / 5 && erased < COUNT * 3 / 10);
    CHECK_NEAR(area / erased, 0.15, 0.01);
    CHECK_NEAR(tall / erased, 0.5, 0.06);
    ic_augment_draw(&a, &s, IC_AUGMENT_NONE, &parts, 1, 2, 3);
    CHECK(ic_augment_is_fixed(IC_AUGMENT_NONE, &ic_augment_fastai, IC_FIT_SQUISH));
    CHECK(!ic_augment_is_fixed(IC_AUGMENT_NONE, &parts, IC_FIT_SQUISH));
}

/* Only the rectangle changes. Its numbers have the mean and deviation by which pictures
 * are normalised, as far as clipping to 0 and 255 allows. */
static void test_erase_apply(void)
{
    enum { SIDE = 200 };
    static uint8_t rgb[3 * SIDE * SIDE];
    struct ic_erasure erasure = {.left = 20, .top = 30, .width = 150, .height = 120};
    double sum[3] = {0}, squares[3] = {0};
    const int pixels = erasure.width * erasure.height;
    int outside = 0;

    ic_random_init(&erasure.noise, 5, IC_RANDOM_AUGMENT, 0, 0);
    memset(rgb, 7, sizeof rgb);
    ic_erase_apply(rgb, SIDE, &erasure);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++) {
                const double level = rgb[3 * (y * SIDE + x) + c];

                if (x < 20 || x >= 170 || y < 30 || y >= 150) {
                    outside += level != 7;
                    continue;
                }
                sum[c] += level;
                squares[c] += level * level;
            }
    CHECK_INT(outside, 0);
    CHECK_NEAR(sum[0] / pixels, 0.485 * 255, 1.5);
    CHECK_NEAR(sum[2] / pixels, 0.406 * 255, 1.5);
    for (int c = 0; c < 3; c++) {
        const double mean = sum[c] / pixels;

        CHECK_NEAR(sqrt(squares[c] / pixels - mean * mean), 0.226 * 255, 3);
    }
}

/* --- pictures ------------------------------------------------------------------- */

static struct ic_image noise(int width, int height)
{
    struct ic_image image = {width, height, check_alloc((size_t)(width * height), 3)};
    struct ic_random random;

    ic_random_init(&random, 7, IC_RANDOM_BENCH, (uint32_t)width, (uint32_t)height);
    for (int i = 0; i < 3 * width * height; i++)
        image.rgb[i] = (uint8_t)ic_random_u32(&random);
    return image;
}

/* Two steps done by hand: the square, then its warp. */
static void apply_naively(uint8_t *out, const struct ic_image *image,
                          const struct ic_frame *s, const struct ic_augmentation *a)
{
    struct ic_image square = {s->presize, s->presize,
                              check_alloc((size_t)(s->presize * s->presize), 3)};
    uint8_t *curve = check_alloc(IC_TONE_SIZE, 1);
    double matrix[9];

    CHECK_OK(
        ic_fit_square(square.rgb, image, s->presize, s->fit, a->place, false, &error));
    ic_warp_matrix(matrix, &a->warp, s->presize);
    ic_tone_curve(curve, a->brightness, a->contrast);
    CHECK_OK(ic_sample(out, &square, s->size, matrix, curve, &error));
    ic_image_free(&square);
    free(curve);
}

static void test_apply(void)
{
    static const int sizes[][2] = {{40, 30}, {9, 31}, {1, 1}, {1, 50}, {50, 1}};
    uint8_t found[3 * 16 * 16], expected[3 * 16 * 16];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct ic_image image = noise(sizes[i][0], sizes[i][1]);

        for (uint32_t k = 0; k < 60; k++) {
            const struct ic_frame s = {16, 16 + (int)k % 20, (enum ic_fit)(k % 3),
                                       false};
            struct ic_augmentation a;

            ic_augment_draw(&a, &s, IC_AUGMENT_FASTAI, &ic_augment_fastai, 1, 0, k);
            apply_naively(expected, &image, &s, &a);
            CHECK_OK(ic_augment_apply(found, &image, &s, &a, &error));
            CHECK(memcmp(found, expected, sizeof found) == 0);
        }
        ic_image_free(&image);
    }
}

/* Without presizing the result is the plain fit; presizing to the size itself changes
 * nothing. */
static void test_plain(void)
{
    const struct ic_frame plain = {16, 0, IC_FIT_CROP, false},
                          presized = {16, 16, IC_FIT_CROP, false};
    struct ic_image image = noise(37, 29);
    uint8_t expected[3 * 16 * 16], found[3 * 16 * 16];
    struct ic_augmentation a;

    for (uint32_t k = 0; k < 20; k++) {
        ic_augment_draw(&a, &plain, IC_AUGMENT_FLIP, &ic_augment_fastai, 1, 0, k);
        CHECK_OK(ic_fit_square(expected, &image, 16, IC_FIT_CROP, a.place, a.warp.flip,
                               &error));
        CHECK_OK(ic_augment_apply(found, &image, &plain, &a, &error));
        CHECK(memcmp(found, expected, sizeof found) == 0);
        ic_augment_draw(&a, &presized, IC_AUGMENT_FLIP, &ic_augment_fastai, 1, 0, k);
        CHECK_OK(ic_augment_apply(found, &image, &presized, &a, &error));
        CHECK(memcmp(found, expected, sizeof found) == 0);
    }
    ic_augment_none(&a, &plain);
    CHECK(a.place.u == 0.5 && a.place.v == 0.5 && !a.warp.flip);
    ic_image_free(&image);
}

int main(void)
{
    CHECK_INT(ic_augment_presize(224), 460);
    CHECK_INT(ic_augment_presize(64), 131);
    test_distributions();
    test_independence();
    test_streams();
    test_parts();
    test_erase_draw();
    test_erase_apply();
    test_apply();
    test_plain();
    return check_result();
}
