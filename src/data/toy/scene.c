/* SPDX-License-Identifier: MIT */
/*
 * Backgrounds and foregrounds. See scene.h; the camera is in camera.c.
 */
#include "data/toy/scene.h"

static const float block[][2] = {{-1, -1}, {-1, -1}, {1, -1}, {1, -1},
                                 {1, 1},   {1, 1},   {-1, 1}, {-1, 1}};

static const struct ic_toy_colour leaf = {0.34f, 0.52f, 0.24f};

/* A colour of any hue, between two brightnesses. */
static struct ic_toy_colour any_colour(struct ic_random *random, float dark,
                                       float bright, float saturation)
{
    const float value = ic_toy_range(random, dark, bright);
    const float hue = ic_toy_range(random, 0, 1);
    const float s = ic_toy_range(random, 0, saturation);
    const struct ic_toy_colour colour = {value * (1 + s * ic_toy_cos(hue)),
                                         value * (1 + s * ic_toy_cos(hue - 1 / 3.0f)),
                                         value * (1 + s * ic_toy_cos(hue + 1 / 3.0f))};

    return colour;
}

/* The picture as a model: the origin in the middle, a unit is half its shorter side. */
static struct ic_toy_view whole_picture(const struct ic_toy_canvas *canvas)
{
    struct ic_toy_view view = {.mirror = 1};

    view.origin.x = (float)canvas->width / 2;
    view.origin.y = (float)canvas->height / 2;
    view.scale = view.origin.x < view.origin.y ? view.origin.x : view.origin.y;
    ic_toy_view_turn(&view, 0, 0, 0);
    return view;
}

static struct ic_toy_place any_place(struct ic_random *random, float small, float large)
{
    const struct ic_toy_place place = {
        {ic_toy_range(random, -1.3f, 1.3f), ic_toy_range(random, -1.3f, 1.3f), 0},
        ic_toy_range(random, small, large),
        ic_toy_range(random, small, large),
        ic_toy_range(random, 0, 1),
        1};

    return place;
}

/* --- grounds: a colour for every pixel -------------------------------------------- */

struct ground {
    struct ic_toy_colour a, b, c;
    float horizon; /* in the units of whole_picture */
    float turn_sin, turn_cos, density;
    uint32_t seed;
};

typedef struct ic_toy_colour ground_at(const struct ground *g, float x, float y);

static struct ic_toy_colour studio_at(const struct ground *g, float x, float y)
{
    const float slope = 0.5f + 0.35f * (x * g->turn_cos + y * g->turn_sin);
    const float mottle = 0.2f * ic_toy_cloud(g->seed, x * 1.7f, y * 1.7f);

    return ic_toy_blend(g->a, g->b, ic_toy_clamp(slope + mottle, 0, 1));
}

/* A wall, papered with stripes or not, and a floor of boards. */
static struct ic_toy_colour room_at(const struct ground *g, float x, float y)
{
    const float depth = y - g->horizon;

    if (depth < -0.07f) {
        const float wave = ic_toy_sin(x * g->density);
        const float paper = g->seed % 2 ? 0.2f * ic_toy_step(-0.15f, 0.15f, wave) : 0;
        return ic_toy_dim(g->a, 0.92f + paper - 0.12f * y);
    }
    if (depth < 0)
        return ic_toy_dim(g->c, depth < -0.015f ? 1.15f : 0.6f);
    const float across = x / (0.5f + depth) * 3;
    const float board = (float)ic_toy_floor(across);
    const float gap = ic_toy_step(0.06f, 0.0f, across - board);
    const float tone = ic_toy_noise(g->seed, board, 0.5f) * 0.08f +
                       ic_toy_noise(g->seed, across * 6, depth * 4) * 0.05f;
    return ic_toy_dim(g->b, 0.95f + tone - 0.35f * gap);
}

/* Sky, a hedge out of focus, and grass whose blades grow with nearness. */
static struct ic_toy_colour meadow_at(const struct ground *g, float x, float y)
{
    const float hedge = g->horizon - 0.25f + 0.12f * ic_toy_cloud(g->seed, x * 2, 1);
    const float leaves = ic_toy_cloud(g->seed + 2, x * 7, y * 7);
    const float near = ic_toy_clamp(y - g->horizon, 0, 2);
    const float wide = 26 - 9 * near, tall = 8 - 3 * near;
    const float blades = ic_toy_noise(g->seed + 4, x * wide + y * 2, y * tall);
    const struct ic_toy_colour sky = ic_toy_dim(g->c, 1.05f + 0.15f * y);
    const struct ic_toy_colour bush = ic_toy_dim(g->a, 0.75f + 0.25f * leaves);
    const struct ic_toy_colour grass = ic_toy_dim(g->b, 0.95f + 0.28f * blades);
    const struct ic_toy_colour far =
        ic_toy_blend(sky, bush, ic_toy_step(hedge - 0.05f, hedge + 0.05f, y));

    return ic_toy_blend(far, grass,
                        ic_toy_step(g->horizon - 0.04f, g->horizon + 0.06f, y));
}

/* Tiles or a woven blanket, laid at an angle. */
static struct ic_toy_colour blanket_at(const struct ground *g, float x, float y)
{
    const float u = (x * g->turn_cos + y * g->turn_sin) * g->density * 0.7f;
    const float v = (y * g->turn_cos - x * g->turn_sin) * g->density * 0.7f;
    const float warp = ic_toy_step(-0.1f, 0.1f, ic_toy_sin(u));
    const float weft = ic_toy_step(-0.1f, 0.1f, ic_toy_sin(v));
    const float fold = 0.12f * ic_toy_cloud(g->seed, x * 2, y * 2);

    if (g->seed % 2) /* chequered */
        return ic_toy_dim(ic_toy_blend(g->a, g->b, warp + weft - 2 * warp * weft),
                          1 + fold);
    return ic_toy_dim(ic_toy_blend(g->a, g->b, 0.5f * (warp + weft)), 1 + fold);
}

static void paint_ground(struct ic_toy_canvas *canvas, ground_at *at,
                         const struct ground *g)
{
    const struct ic_toy_view view = whole_picture(canvas);

    for (int y = 0; y < canvas->height; y++) {
        struct ic_toy_colour *row = canvas->pixels + (size_t)y * (size_t)canvas->width;

        for (int x = 0; x < canvas->width; x++)
            row[x] = at(g, ((float)x + 0.5f - view.origin.x) / view.scale,
                        ((float)y + 0.5f - view.origin.y) / view.scale);
    }
}

/* --- things --------------------------------------------------------------------- */

static void draw_lamps(struct ic_toy_canvas *canvas, struct ic_random *random)
{
    const struct ic_toy_view view = whole_picture(canvas);
    const int count = 6 + (int)ic_random_below(random, 14);

    for (int i = 0; i < count; i++) {
        struct ic_toy_place place = any_place(random, 0.08f, 0.3f);
        const struct ic_toy_paint paint = {.plain =
                                               any_colour(random, 0.5f, 0.95f, 0.5f),
                                           .alpha = ic_toy_range(random, 0.2f, 0.6f)};
        struct ic_toy_path path;

        place.height = place.width;
        ic_toy_path_oval(&path, &view, &place);
        ic_toy_fill(canvas, &path, &paint);
    }
}

/* Discs, triangles, blocks and ribbons of any colour, so that a triangle or a round
 * thing alone says nothing about the species. */
static void draw_clutter(struct ic_toy_canvas *canvas, struct ic_random *random,
                         int count)
{
    static const float triangle[][2] = {{-1, 0.8f}, {-1, 0.8f}, {1, 0.8f},
                                        {1, 0.8f},  {0.1f, -1}, {0.1f, -1}};
    const struct ic_toy_view view = whole_picture(canvas);

    for (int i = 0; i < count; i++) {
        const struct ic_toy_place place = any_place(random, 0.08f, 0.4f);
        const struct ic_toy_paint paint = {.plain =
                                               any_colour(random, 0.15f, 0.9f, 0.5f),
                                           .alpha = ic_toy_range(random, 0.6f, 1),
                                           .round = ic_toy_range(random, 0, 0.8f)};
        const uint32_t kind = ic_random_below(random, 4);
        struct ic_toy_path path;

        if (kind == 0) {
            ic_toy_path_oval(&path, &view, &place);
        } else if (kind == 1) {
            ic_toy_path_shape(&path, &view, &place, triangle, 6);
        } else if (kind == 2) {
            ic_toy_path_shape(&path, &view, &place, block, 8);
        } else {
            const struct ic_toy_point bend[3] = {
                place.at,
                {ic_toy_range(random, -1, 1), ic_toy_range(random, -1, 1), 0},
                {ic_toy_range(random, -1, 1), ic_toy_range(random, -1, 1), 0}};

            ic_toy_stroke(canvas, &view, bend, 3, place.width * 0.25f,
                          place.height * 0.25f, &paint);
            continue;
        }
        ic_toy_fill(canvas, &path, &paint);
    }
}

/* A window or a picture on the wall. */
static void draw_frame(struct ic_toy_canvas *canvas, struct ic_random *random)
{
    const struct ic_toy_view view = whole_picture(canvas);
    struct ic_toy_place place = {{ic_toy_range(random, -1, 1), -0.6f, 0},
                                 ic_toy_range(random, 0.2f, 0.45f),
                                 ic_toy_range(random, 0.2f, 0.4f),
                                 0,
                                 1};
    struct ic_toy_paint paint = {.plain = any_colour(random, 0.2f, 0.9f, 0.3f),
                                 .alpha = 1};
    struct ic_toy_path path;

    ic_toy_path_shape(&path, &view, &place, block, 8);
    ic_toy_fill(canvas, &path, &paint);
    place.width -= 0.05f, place.height -= 0.05f;
    paint.plain = any_colour(random, 0.3f, 0.95f, 0.4f);
    paint.round = 0.4f;
    ic_toy_path_shape(&path, &view, &place, block, 8);
    ic_toy_fill(canvas, &path, &paint);
}

/* --- the scene ------------------------------------------------------------------- */

static void set_light(struct ic_toy_light *light, struct ic_random *random)
{
    const float x = ic_toy_range(random, -0.8f, 0.8f);
    const float y = ic_toy_range(random, -0.9f, -0.1f);
    const float size = sqrtf(x * x + y * y + 0.64f);

    light->from = (struct ic_toy_point){x / size, y / size, 0.8f / size};
    light->ambient = ic_toy_range(random, 0.45f, 0.75f);
    light->power = 1.06f - light->ambient;
}

void ic_toy_scene_behind(struct ic_toy_canvas *canvas, struct ic_random *random)
{
    static const struct ic_toy_colour sky = {0.66f, 0.80f, 0.92f};
    const uint32_t kind = ic_random_below(random, 6);
    const float turn = ic_toy_range(random, 0, 1);
    struct ground g = {.a = any_colour(random, 0.25f, 0.85f, 0.28f),
                       .b = any_colour(random, 0.25f, 0.85f, 0.28f),
                       .c = any_colour(random, 0.5f, 0.9f, 0.15f),
                       .horizon = ic_toy_range(random, -0.1f, 0.6f),
                       .turn_sin = ic_toy_sin(turn),
                       .turn_cos = ic_toy_cos(turn),
                       .density = ic_toy_range(random, 1.5f, 4.5f),
                       .seed = ic_random_u32(random)};

    set_light(&canvas->light, random);
    switch (kind) {
    case 0:
        paint_ground(canvas, room_at, &g);
        if (ic_toy_chance(random, 0.6f))
            draw_frame(canvas, random);
        break;
    case 1:
        g.a = ic_toy_blend(g.a, leaf, 0.7f);
        g.b = ic_toy_blend(g.b, leaf, 0.75f);
        g.c = ic_toy_blend(g.c, sky, 0.6f);
        g.horizon -= 0.25f;
        paint_ground(canvas, meadow_at, &g);
        break;
    case 2:
        paint_ground(canvas, blanket_at, &g);
        break;
    case 3:
        paint_ground(canvas, studio_at, &g);
        draw_lamps(canvas, random);
        break;
    case 4:
        paint_ground(canvas, studio_at, &g);
        draw_clutter(canvas, random, 6 + (int)ic_random_below(random, 12));
        break;
    default:
        paint_ground(canvas, studio_at, &g);
        break;
    }
}

void ic_toy_scene_before(struct ic_toy_canvas *canvas, struct ic_random *random)
{
    const struct ic_toy_view view = whole_picture(canvas);
    const uint32_t kind = ic_random_below(random, 5);
    const float lower = (float)canvas->height / 2 / view.scale;
    const float x = ic_toy_range(random, -1, 1);
    struct ic_toy_paint paint = {
        .plain = any_colour(random, 0.3f, 0.9f, 0.6f), .alpha = 1, .round = 0.8f};

    if (kind == 0) { /* a ball */
        const float size = ic_toy_range(random, 0.1f, 0.2f);
        const struct ic_toy_place ball = {{x, lower - size, 0}, size, size, 0, 1};
        struct ic_toy_path path;

        ic_toy_path_oval(&path, &view, &ball);
        ic_toy_fill(canvas, &path, &paint);
    } else if (kind == 1) { /* blades of grass, or a plant's leaves */
        const int count = 5 + (int)ic_random_below(random, 16);

        paint.plain = ic_toy_blend(paint.plain, leaf, 0.6f);
        for (int i = 0; i < count; i++) {
            const float foot = ic_toy_range(random, -1.3f, 1.3f);
            const float tip = foot + ic_toy_range(random, -0.2f, 0.2f);
            const float height = ic_toy_range(random, 0.1f, 0.4f);
            const struct ic_toy_point blade[3] = {{foot, lower + 0.05f, 0},
                                                  {foot, lower - height * 0.6f, 0},
                                                  {tip, lower - height, 0}};

            ic_toy_stroke(canvas, &view, blade, 3, 0.03f, 0.005f, &paint);
        }
    }
}
