/* SPDX-License-Identifier: MIT */
/*
 * The canvas of the toy pets: exact coverage against a supersampled reference, views
 * and their inverses, the polynomial sine and the noise, and that nothing is drawn
 * outside.
 */
#include "check.h"

#include "base/random.h"
#include "data/toy/canvas.h"

enum { WIDTH = 24, HEIGHT = 18, GRID = 32 };

static struct ic_error error;

static const struct ic_toy_paint white = {.plain = {1, 1, 1}, .alpha = 1};

static double uniform(struct ic_random *random, double low, double high)
{
    return low + (high - low) * ic_random_uniform(random);
}

static struct ic_toy_view plain_view(float x, float y, float scale)
{
    struct ic_toy_view view = {.origin = {x, y}, .scale = scale, .mirror = 1};

    ic_toy_view_turn(&view, 0, 0, 0);
    return view;
}

static void test_sine(void)
{
    for (int i = -4000; i <= 4000; i++) {
        const float turns = (float)i / 1000;
        const double exact = sin(2 * 3.14159265358979 * (double)turns);

        CHECK_NEAR(ic_toy_sin(turns), exact, 2e-4);
        CHECK_NEAR(ic_toy_cos(turns), cos(2 * 3.14159265358979 * (double)turns), 2e-4);
    }
    CHECK_INT(ic_toy_floor(-0.5f), -1);
    CHECK_INT(ic_toy_floor(-2.0f), -2);
    CHECK_INT(ic_toy_floor(2.9f), 2);
}

static void test_noise(void)
{
    double sum = 0, low = 0, high = 0;

    for (int i = 0; i < 10000; i++) {
        const float x = (float)(i % 100) * 0.37f - 9, y = (float)(i / 100) * 0.29f - 8;
        const double n = ic_toy_noise(5, x, y);

        CHECK(n >= -1 && n <= 1);
        CHECK_NEAR(ic_toy_noise(5, x + 1e-3f, y), n, 0.01); /* no steps */
        CHECK_NEAR(ic_toy_noise(5, x, y + 1e-3f), n, 0.01);
        sum += n;
        low = n < low ? n : low;
        high = n > high ? n : high;
    }
    CHECK_NEAR(sum / 10000, 0, 0.1);
    CHECK(low < -0.7 && high > 0.7);
    CHECK(ic_toy_noise(5, 0.3f, 0.4f) != ic_toy_noise(6, 0.3f, 0.4f));
}

/* A point in front of a turned ball is recovered from its pixel. */
static void test_views(void)
{
    struct ic_random random;

    ic_random_init(&random, 1, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < 500; i++) {
        struct ic_toy_view view = plain_view(7, 9, 5);
        const float x = (float)uniform(&random, -0.5, 0.5);
        const float y = (float)uniform(&random, -0.5, 0.5);
        const struct ic_toy_point on_ball = {x, y, sqrtf(1 - x * x - y * y)};
        const struct ic_toy_point on_plane = {x, y, 0};
        const float roll = (float)uniform(&random, -1, 1);
        struct ic_toy_point back;

        view.mirror = i % 2 ? 1.0f : -1.0f;
        ic_toy_view_turn(&view, roll, (float)uniform(&random, -0.08, 0.08),
                         (float)uniform(&random, -0.08, 0.08));
        back = ic_toy_view_on_ball(&view, ic_toy_view_project(&view, on_ball));
        CHECK_NEAR(back.x, x, 2e-3);
        CHECK_NEAR(back.y, y, 2e-3);
        CHECK_NEAR(back.z, on_ball.z, 2e-3);

        ic_toy_view_turn(&view, roll, 0, 0);
        back = ic_toy_view_on_plane(&view, ic_toy_view_project(&view, on_plane));
        CHECK_NEAR(back.x, x, 2e-3);
        CHECK_NEAR(back.y, y, 2e-3);
    }
}

/* A head that turns right moves its nose right, one that looks up moves it up;
 * mirrored, to the left. */
static void test_turning(void)
{
    const struct ic_toy_point nose = {0, 0, 1};
    struct ic_toy_view view = plain_view(0, 0, 10);

    ic_toy_view_turn(&view, 0, 0.1f, 0);
    CHECK(ic_toy_view_project(&view, nose).x > 5);
    view.mirror = -1;
    CHECK(ic_toy_view_project(&view, nose).x < -5);
    ic_toy_view_turn(&view, 0, 0, 0.1f);
    CHECK(ic_toy_view_project(&view, nose).y < -5);
}

/* --- coverage -------------------------------------------------------------------- */

/* Whether a triangle contains a point: on the same side of all edges. */
static int in_triangle(const struct ic_toy_dot *t, double x, double y)
{
    int left = 0, right = 0;

    for (int i = 0; i < 3; i++) {
        const struct ic_toy_dot a = t[i], b = t[(i + 1) % 3];
        const double cross = ((double)b.x - (double)a.x) * (y - (double)a.y) -
                             ((double)b.y - (double)a.y) * (x - (double)a.x);

        left += cross > 0;
        right += cross < 0;
    }
    return left == 0 || right == 0;
}

static double triangle_coverage(const struct ic_toy_dot *t, int x, int y)
{
    int inside = 0;

    for (int i = 0; i < GRID * GRID; i++)
        inside +=
            in_triangle(t, x + (i % GRID + 0.5) / GRID, y + (i / GRID + 0.5) / GRID);
    return (double)inside / (GRID * GRID);
}

static void check_mask_is_clear(const struct ic_toy_canvas *canvas)
{
    for (int i = 0; i < HEIGHT * (WIDTH + 2); i++)
        CHECK(canvas->mask[i] == 0);
}

/* Triangles everywhere, also across and beyond the borders, in both directions. */
static void test_triangles(void)
{
    struct ic_random random;

    ic_random_init(&random, 2, IC_RANDOM_BENCH, 0, 0);
    for (int k = 0; k < 60; k++) {
        struct ic_toy_canvas canvas;
        struct ic_toy_path path = {.count = 3};
        double worst = 0;

        CHECK_OK(ic_toy_canvas_init(&canvas, WIDTH, HEIGHT, &error));
        for (int i = 0; i < 3; i++) {
            path.dots[i].x = (float)uniform(&random, -10, WIDTH + 10);
            path.dots[i].y = (float)uniform(&random, -10, HEIGHT + 10);
        }
        ic_toy_fill(&canvas, &path, &white);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                const double found = canvas.pixels[y * WIDTH + x].r;
                const double expected = triangle_coverage(path.dots, x, y);

                worst = check_larger(worst, fabs(found - expected));
            }
        CHECK_NEAR(worst, 0, 0.04);
        check_mask_is_clear(&canvas);
        ic_toy_canvas_free(&canvas);
    }
}

/* The area of an ellipse, which is larger when ruffled; a corner stays sharp. */
static void test_areas(void)
{
    static const float block[][2] = {{-1, -1}, {-1, -1}, {1, -1}, {1, -1},
                                     {1, 1},   {1, 1},   {-1, 1}, {-1, 1}};
    const struct ic_toy_view view = plain_view(12, 9, 2);
    const struct ic_toy_place place = {{0, 0, 0}, 4, 3, 0, 1};
    const double expected[3] = {3.14159 * 8 * 6, 0, 16 * 12};

    for (int kind = 0; kind < 3; kind++) {
        struct ic_toy_canvas canvas;
        struct ic_toy_path path;
        double area = 0;

        CHECK_OK(ic_toy_canvas_init(&canvas, WIDTH, HEIGHT, &error));
        if (kind == 2)
            ic_toy_path_shape(&path, &view, &place, block, 8);
        else
            ic_toy_path_oval(&path, &view, &place);
        if (kind == 1)
            ic_toy_path_ruffle(&path, 2, 3);
        CHECK(path.count <= IC_TOY_PATH_DOTS);
        ic_toy_fill(&canvas, &path, &white);
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            area += canvas.pixels[i].g;
        if (kind == 1)
            CHECK(area > expected[0] + 10 && area < expected[0] + 60);
        else
            CHECK_NEAR(area, expected[kind], 0.01 * expected[kind]);
        ic_toy_canvas_free(&canvas);
    }
}

/* A straight stroke has the given width and length, its round ends included. */
static void test_strokes(void)
{
    const struct ic_toy_view view = plain_view(0, 0, 1);
    const struct ic_toy_point line[2] = {{6, 9, 0}, {18, 9, 0}};
    const struct ic_toy_point far[3] = {{-500, -500, 0}, {-400, -90, 0}, {-300, 0, 0}};
    struct ic_toy_canvas canvas;
    double area = 0;

    CHECK_OK(ic_toy_canvas_init(&canvas, WIDTH, HEIGHT, &error));
    ic_toy_stroke(&canvas, &view, far, 3, 5, 5, &white);
    ic_toy_stroke(&canvas, &view, line, 2, 2, 2, &white);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        area += canvas.pixels[i].b;
    CHECK_NEAR(area, 12 * 4 + 3.14159 * 4, 1.5);
    CHECK_NEAR(canvas.pixels[9 * WIDTH + 12].b, 1, 1e-6);
    check_mask_is_clear(&canvas);

    /* A hair becomes fainter, not thinner than a pixel: the total light is the same. */
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        canvas.pixels[i] = (struct ic_toy_colour){0};
    ic_toy_stroke(&canvas, &view, line, 2, 0.1f, 0.1f, &white);
    area = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        area += canvas.pixels[i].b;
    CHECK_NEAR(area, 12 * 0.2, 0.5);
    ic_toy_canvas_free(&canvas);
}

static void test_glow(void)
{
    const struct ic_toy_view view = plain_view(12, 9, 1);
    const struct ic_toy_place place = {{0, 0, 0}, 6, 3, 0, 1};
    struct ic_toy_canvas canvas;

    CHECK_OK(ic_toy_canvas_init(&canvas, WIDTH, HEIGHT, &error));
    ic_toy_glow(&canvas, &view, &place, (struct ic_toy_colour){1, 1, 1}, 1);
    CHECK(canvas.pixels[9 * WIDTH + 12].r > 0.9f);
    CHECK(canvas.pixels[9 * WIDTH + 16].r > 0.05f); /* 4.5 to the right: inside */
    CHECK(canvas.pixels[13 * WIDTH + 12].r == 0);   /* 4.5 below: outside */
    CHECK(canvas.pixels[9 * WIDTH + 20].r == 0);
    ic_toy_canvas_free(&canvas);
    ic_toy_canvas_free(&canvas); /* freeing an all-zero struct is allowed */
}

/* The side that faces the light is brighter. */
static void test_light(void)
{
    const struct ic_toy_view view = plain_view(12, 9, 1);
    const struct ic_toy_place place = {{0, 0, 0}, 7, 7, 0, 1};
    const struct ic_toy_paint ball = {.plain = {1, 1, 1}, .alpha = 1, .round = 1};
    struct ic_toy_canvas canvas;
    struct ic_toy_path path;

    CHECK_OK(ic_toy_canvas_init(&canvas, WIDTH, HEIGHT, &error));
    canvas.light = (struct ic_toy_light){{-0.8f, 0, 0.6f}, 0.4f, 0.6f};
    ic_toy_path_oval(&path, &view, &place);
    ic_toy_fill(&canvas, &path, &ball);
    CHECK(canvas.pixels[9 * WIDTH + 7].r > canvas.pixels[9 * WIDTH + 17].r + 0.3f);
    CHECK_NEAR(canvas.pixels[9 * WIDTH + 17].r, 0.4, 0.05); /* ambient alone */
    ic_toy_canvas_free(&canvas);
}

int main(void)
{
    test_sine();
    test_noise();
    test_views();
    test_turning();
    test_triangles();
    test_areas();
    test_strokes();
    test_glow();
    test_light();
    return check_result();
}
