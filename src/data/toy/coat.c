/* SPDX-License-Identifier: MIT */
/*
 * Palettes and patterns. See coat.h.
 *
 * A pattern is one function from a point to how much of the dark and of the light
 * colour shows there. Bands and islands are thresholds on waves and noise; spots are
 * the cells of Worley, "A Cellular Texture Basis Function", SIGGRAPH 1996.
 */
#include "data/toy/coat.h"

static const struct ic_toy_colour black = {0.13f, 0.12f, 0.12f};
static const struct ic_toy_colour charcoal = {0.27f, 0.27f, 0.29f};
static const struct ic_toy_colour grey = {0.47f, 0.49f, 0.53f};
static const struct ic_toy_colour silver = {0.72f, 0.72f, 0.73f};
static const struct ic_toy_colour white = {0.94f, 0.92f, 0.89f};
static const struct ic_toy_colour cream = {0.90f, 0.80f, 0.64f};
static const struct ic_toy_colour sand = {0.80f, 0.65f, 0.44f};
static const struct ic_toy_colour ginger = {0.83f, 0.50f, 0.22f};
static const struct ic_toy_colour brown = {0.50f, 0.33f, 0.20f};
static const struct ic_toy_colour chocolate = {0.33f, 0.21f, 0.15f};

#define TINTS 8

/* What a pattern may be coloured with: one of the bases with one of the darks. */
struct palette {
    const struct ic_toy_colour *bases[TINTS], *darks[TINTS];
    int base_count, dark_count;
};

static const struct palette palettes[] = {
    [IC_TOY_PLAIN] = {{&black, &grey, &silver, &white, &cream, &sand, &ginger, &brown},
                      {&charcoal},
                      8,
                      1},
    [IC_TOY_STRIPES] = {{&grey, &silver, &sand, &ginger, &brown},
                        {&black, &chocolate},
                        5,
                        2},
    [IC_TOY_SPOTS] = {{&silver, &white, &cream, &sand, &ginger},
                      {&black, &chocolate},
                      5,
                      2},
    [IC_TOY_POINTS] = {{&silver, &white, &cream, &sand},
                       {&charcoal, &chocolate, &brown},
                       4,
                       3},
    [IC_TOY_BICOLOUR] = {{&black, &charcoal, &grey, &ginger, &brown},
                         {&charcoal},
                         5,
                         1},
    [IC_TOY_PATCHES] = {{&ginger, &sand, &grey}, {&black, &charcoal, &chocolate}, 3, 3},
};

static struct ic_toy_colour vary(struct ic_toy_colour colour, struct ic_random *random)
{
    const float all = ic_toy_range(random, 0.88f, 1.12f);

    colour.r *= all * ic_toy_range(random, 0.96f, 1.04f);
    colour.g *= all;
    colour.b *= all * ic_toy_range(random, 0.93f, 1.07f);
    return colour;
}

void ic_toy_coat_init(struct ic_toy_coat *coat, enum ic_toy_pattern pattern, float fur,
                      struct ic_random *random)
{
    const struct palette *p = &palettes[pattern];
    const uint32_t base = ic_random_below(random, (uint32_t)p->base_count);
    const uint32_t dark = ic_random_below(random, (uint32_t)p->dark_count);

    coat->pattern = pattern;
    coat->base = vary(*p->bases[base], random);
    coat->dark = vary(*p->darks[dark], random);
    coat->light = pattern == IC_TOY_BICOLOUR || pattern == IC_TOY_PATCHES
                      ? vary(white, random)
                      : ic_toy_blend(coat->base, white, 0.45f);
    coat->density = ic_toy_range(random, 2.4f, 3.4f);
    coat->contrast = ic_toy_range(random, 0.75f, 1.0f);
    coat->fur = fur * ic_toy_range(random, 0.8f, 1.2f);
    coat->rings = ic_toy_chance(random, 0.4f);
    coat->seed = ic_random_u32(random);
}

/* --- patterns: how much of the dark and of the light colour shows ---------------- */

struct marks {
    float dark, light;
};

/* Broken bands: upright on the forehead, across cheeks, trunk, legs and tail. */
static struct marks stripes(const struct ic_toy_coat *coat, enum ic_toy_part part,
                            struct ic_toy_point p)
{
    const float wobble = 0.25f * ic_toy_cloud(coat->seed, p.x * 2.2f, p.y * 2.2f);
    const float gaps = ic_toy_noise(coat->seed + 7, p.x * 3, p.y * 3);
    struct marks marks = {0};
    float wave = ic_toy_sin(p.y * coat->density * 0.8f + 0.3f * p.x * p.x + wobble);

    if (part == IC_TOY_MUZZLE || part == IC_TOY_CHEST) {
        marks.light = 1;
        return marks;
    }
    if (part == IC_TOY_HEAD) {
        const float forehead = ic_toy_step(0.05f, -0.3f, p.y);
        const float face = 1 - ic_toy_step(0.3f, 0.55f, fabsf(p.x));
        const float upright = ic_toy_cos(p.x * coat->density * 0.85f + wobble * 0.6f);

        wave = ic_toy_mix(wave, upright, forehead);
        wave -= (1 - forehead) * face * 2; /* the middle of the face is free */
        marks.light = ic_toy_step(0.15f, 0.6f, p.y) * face * 0.8f;
    }
    if (part == IC_TOY_EAR)
        wave -= 0.8f;
    marks.dark = ic_toy_step(0.0f, 0.55f, wave - 0.5f * ic_toy_step(0.2f, 0.7f, gaps));
    return marks;
}

/* Distance to the nearest of the points that are scattered one per cell, in cells. */
static float scatter(uint32_t seed, float x, float y)
{
    const int32_t i = ic_toy_floor(x), j = ic_toy_floor(y);
    float best = 9;

    for (int32_t b = j - 1; b <= j + 1; b++)
        for (int32_t a = i - 1; a <= i + 1; a++) {
            const uint32_t h = ic_toy_hash(seed, a, b);
            const float dx = (float)a + 0.15f + 0.7f / 65535 * (float)(h & 65535) - x;
            const float dy = (float)b + 0.15f + 0.7f / 65535 * (float)(h >> 16) - y;
            const float square = dx * dx + dy * dy;

            best = square < best ? square : best;
        }
    return sqrtf(best);
}

static struct marks spots(const struct ic_toy_coat *coat, enum ic_toy_part part,
                          struct ic_toy_point p)
{
    const float fine = coat->density * (part == IC_TOY_HEAD ? 1.35f : 1.1f);
    const float wobble = 0.1f * ic_toy_noise(coat->seed + 3, p.x * 7, p.y * 7);
    const float d = scatter(coat->seed, p.x * fine, p.y * fine) + wobble;
    struct marks marks = {0};

    if (part == IC_TOY_MUZZLE || part == IC_TOY_CHEST) {
        marks.light = 1;
        marks.dark = 0.8f * ic_toy_step(0.18f, 0.1f, d);
        return marks;
    }
    if (coat->rings)
        marks.dark = ic_toy_step(0.42f, 0.36f, d) *
                     ic_toy_mix(0.45f, 1, ic_toy_step(0.14f, 0.24f, d));
    else
        marks.dark = ic_toy_step(0.34f, 0.27f, d);
    if (part == IC_TOY_HEAD) {
        const float face = ic_toy_step(0.9f, 0.6f, p.z);
        marks.dark *= face; /* no spots between the eyes */
        marks.light = ic_toy_step(0.1f, 0.6f, p.y) * (1 - face);
    }
    if (part == IC_TOY_EAR)
        marks.dark = marks.dark * 0.6f + 0.2f;
    return marks;
}

static struct marks points(const struct ic_toy_coat *coat, enum ic_toy_part part,
                           struct ic_toy_point p)
{
    struct marks marks = {0};

    switch (part) {
    case IC_TOY_EAR:
    case IC_TOY_MUZZLE:
    case IC_TOY_TAIL:
        marks.dark = 0.95f;
        break;
    case IC_TOY_LEG:
        marks.dark = ic_toy_step(1.6f, 3.4f, p.y);
        break;
    case IC_TOY_HEAD: {
        const float dy = p.y - 0.25f, dz = p.z - 0.95f;
        const float d = p.x * p.x * 1.1f + dy * dy + dz * dz;
        const float wobble = 0.1f * ic_toy_noise(coat->seed, p.x * 6, p.y * 6);

        marks.dark = 0.95f * ic_toy_step(0.75f, 0.12f, d + wobble);
        break;
    }
    case IC_TOY_CHEST:
        marks.light = 0.8f;
        break;
    case IC_TOY_BODY:
        break;
    }
    return marks;
}

static struct marks bicolour(const struct ic_toy_coat *coat, enum ic_toy_part part,
                             struct ic_toy_point p)
{
    const float wobble = 0.07f * ic_toy_cloud(coat->seed, p.x * 4, p.y * 4);
    struct marks marks = {0};

    switch (part) {
    case IC_TOY_HEAD: {
        const float above = ic_toy_mix(0.02f, 0.13f, ic_toy_step(-0.9f, 0.0f, p.y));
        const float below = 0.5f * ic_toy_step(0.0f, 0.5f, p.y);

        marks.light = ic_toy_step(0.05f, -0.03f, fabsf(p.x) - above - below + wobble);
        break;
    }
    case IC_TOY_MUZZLE:
    case IC_TOY_CHEST:
        marks.light = 1;
        break;
    case IC_TOY_LEG:
        marks.light = ic_toy_step(2.2f, 2.5f, p.y + wobble * 3);
        break;
    case IC_TOY_EAR:
    case IC_TOY_BODY:
    case IC_TOY_TAIL:
        break;
    }
    return marks;
}

static struct marks patches(const struct ic_toy_coat *coat, enum ic_toy_part part,
                            struct ic_toy_point p)
{
    const float size = part == IC_TOY_BODY ? 1.0f : 1.5f;
    const float a = ic_toy_cloud(coat->seed, p.x * size, p.y * size);
    const float b = ic_toy_cloud(coat->seed + 5, p.x * size + 9, p.y * size);
    struct marks marks = {0};

    if (part == IC_TOY_MUZZLE || part == IC_TOY_CHEST || part == IC_TOY_LEG) {
        marks.light = 1;
        return marks;
    }
    marks.light = ic_toy_step(0.04f, -0.02f, a);
    if (part == IC_TOY_EAR)
        marks.light *= 0.15f;
    if (part == IC_TOY_HEAD) { /* white between the eyes and on the cheeks */
        const float cheek = p.y > 0 ? 0.5f * p.y : 0;
        const float blaze = ic_toy_step(0.16f, 0.08f, fabsf(p.x) - cheek);

        marks.light = blaze > marks.light ? blaze : marks.light;
    }
    marks.dark = ic_toy_step(0.02f, 0.08f, b);
    return marks;
}

/* The colour at a point of a part: of the unit ball for the head, of the body's plane
 * for the rest. */
static struct ic_toy_colour coat_at(const struct ic_toy_coat *coat,
                                    enum ic_toy_part part, struct ic_toy_point p)
{
    const float shag = coat->fur > 0.05f ? 9.0f : 14.0f;
    const float strands = ic_toy_noise(coat->seed + 11, p.x * shag * 2, p.y * shag);
    struct marks marks = {0};
    struct ic_toy_colour colour;

    switch (coat->pattern) {
    case IC_TOY_PLAIN:
        marks.light = part == IC_TOY_MUZZLE || part == IC_TOY_CHEST ? 0.6f : 0;
        break;
    case IC_TOY_STRIPES:
        marks = stripes(coat, part, p);
        break;
    case IC_TOY_SPOTS:
        marks = spots(coat, part, p);
        break;
    case IC_TOY_POINTS:
        marks = points(coat, part, p);
        break;
    case IC_TOY_BICOLOUR:
        marks = bicolour(coat, part, p);
        break;
    case IC_TOY_PATCHES:
        marks = patches(coat, part, p);
        break;
    }
    colour = ic_toy_blend(coat->base, coat->dark, marks.dark * coat->contrast);
    if (coat->pattern == IC_TOY_SPOTS || coat->pattern == IC_TOY_STRIPES)
        colour = ic_toy_blend(ic_toy_blend(coat->base, coat->light, marks.light),
                              coat->dark, marks.dark * coat->contrast);
    else
        colour = ic_toy_blend(colour, coat->light, marks.light);
    return ic_toy_dim(colour, 1 + 0.1f * strands);
}

struct ic_toy_colour ic_toy_skin_colour(const void *context, struct ic_toy_dot dot)
{
    const struct ic_toy_skin *skin = context;

    return coat_at(skin->coat, skin->part,
                   skin->part == IC_TOY_HEAD ? ic_toy_view_on_ball(skin->view, dot)
                                             : ic_toy_view_on_plane(skin->view, dot));
}
