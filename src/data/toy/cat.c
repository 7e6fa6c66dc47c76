/* SPDX-License-Identifier: MIT */
/*
 * A cat's head: pointed ears, almond eyes with slit pupils, a short snout of two puffs
 * with a small nose, whiskers.
 */
#include "data/toy/animal.h"

/* Outlines in units of their place; a corner given twice is sharp. */
static const float ear_outline[][2] = {
    {-0.52f, 0.25f}, {-0.50f, -0.2f}, {-0.30f, -0.66f}, {0.02f, -1.0f},
    {0.02f, -1.0f},  {0.34f, -0.55f}, {0.50f, -0.1f},   {0.55f, 0.25f}};
static const float head_outline[][2] = {
    {0, -0.80f},      {0.38f, -0.76f},  {0.74f, -0.52f}, {0.95f, -0.10f},
    {1.0f, 0.25f},    {0.86f, 0.55f},   {0.52f, 0.80f},  {0.22f, 0.90f},
    {-0.22f, 0.90f},  {-0.52f, 0.80f},  {-0.86f, 0.55f}, {-1.0f, 0.25f},
    {-0.95f, -0.10f}, {-0.74f, -0.52f}, {-0.38f, -0.76f}};
static const float eye_outline[][2] = {
    {1.0f, -0.34f}, {1.0f, -0.34f}, {0.35f, -0.88f}, {-0.45f, -0.72f},
    {-1.0f, 0.20f}, {-1.0f, 0.20f}, {-0.3f, 0.76f},  {0.5f, 0.66f}};
static const float nose_outline[][2] = {{-1, -0.55f}, {-0.4f, -0.8f}, {0.4f, -0.8f},
                                        {1, -0.55f},  {0.5f, 0.3f},   {0, 0.9f},
                                        {-0.5f, 0.3f}};

static void draw_ear(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                     float side)
{
    const struct ic_toy_breed *breed = animal->breed;
    const struct ic_toy_skin skin = {&animal->coat, &animal->head, IC_TOY_EAR};
    struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.5f);
    struct ic_toy_place place = {{0.56f * breed->head_width, -0.56f, -0.1f},
                                 0.82f * breed->ear_width,
                                 0.98f * breed->ear_length,
                                 0.045f,
                                 side};

    ic_toy_draw_shape(canvas, &animal->head, &place, ear_outline,
                      IC_TOY_COUNT(ear_outline), animal->coat.fur * 0.4f, animal->seed,
                      &paint);
    place.at.y += 0.08f;
    place.width *= 0.62f, place.height *= 0.74f;
    paint = ic_toy_paint_plain(animal->ear, 0.9f, 0.4f);
    ic_toy_draw_shape(canvas, &animal->head, &place, ear_outline,
                      IC_TOY_COUNT(ear_outline), 0, 0, &paint);
    /* Hairs that grow over the inner edge. */
    paint = ic_toy_paint_plain(animal->coat.light, 0.7f, 0);
    for (int i = 0; i < 3; i++) {
        const float x = side * (0.3f + 0.12f * (float)i) * breed->head_width;
        const struct ic_toy_point hair[3] = {
            {x, -0.55f, 0}, {x + side * 0.06f, -0.8f, 0}, {x + side * 0.2f, -1.0f, 0}};

        ic_toy_stroke(canvas, &animal->head, hair, 3, 0.05f, 0.01f, &paint);
    }
}

static void draw_eye(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                     float side)
{
    static const struct ic_toy_colour rim = {0.08f, 0.07f, 0.07f};
    static const struct ic_toy_colour glint = {1, 1, 1};
    const float size = 0.235f * animal->breed->eye;
    struct ic_toy_place place = {
        {0.40f, -0.06f, 0.86f}, size * 1.16f, size * 1.14f, 0, side};
    struct ic_toy_paint paint = ic_toy_paint_plain(rim, 0.95f, 0);

    ic_toy_draw_shape(canvas, &animal->head, &place, eye_outline,
                      IC_TOY_COUNT(eye_outline), 0, 0, &paint);
    place.width = place.height = size;
    paint = ic_toy_paint_plain(animal->iris, 1, 0);
    ic_toy_draw_shape(canvas, &animal->head, &place, eye_outline,
                      IC_TOY_COUNT(eye_outline), 0, 0, &paint);
    place.at.y -= size * 0.7f; /* the upper lid's shadow */
    ic_toy_glow(canvas, &animal->head, &place, rim, 0.5f);
    place.at.y += size * 0.66f;
    place.at.x += side * animal->gaze * size * 0.25f;
    place.width = size * ic_toy_mix(0.12f, 0.48f, animal->pupil);
    place.height = size * 0.72f;
    paint = ic_toy_paint_plain(rim, 1, 0);
    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
    place.at.x -= side * size * 0.28f;
    place.at.y -= size * 0.28f;
    place.width = place.height = size * 0.2f;
    paint = ic_toy_paint_plain(glint, 0.95f, 0);
    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
}

static void draw_whiskers(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal, float side)
{
    const struct ic_toy_paint paint = ic_toy_paint_plain(animal->whiskers, 0.9f, 0);

    for (int i = 0; i < 4; i++) {
        const float k = (float)i - 1.2f;
        const uint32_t random = ic_toy_hash(animal->seed, i, side > 0) >> 8;
        const float reach = 1.15f + 0.35f * (float)random / 16777216.0f;
        const struct ic_toy_point hair[3] = {
            {side * 0.26f, 0.38f + 0.05f * (float)i, 1.0f},
            {side * 0.72f, 0.30f + 0.14f * k, 0.8f},
            {side * reach, 0.42f + 0.26f * k, 0.4f}};

        ic_toy_stroke(canvas, &animal->head, hair, 3, 0.018f, 0.008f, &paint);
    }
}

static void draw_snout(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal)
{
    static const struct ic_toy_colour dark = {0.16f, 0.10f, 0.10f};
    static const struct ic_toy_colour tongue = {0.86f, 0.45f, 0.47f};
    const struct ic_toy_view *head = &animal->head;
    const struct ic_toy_skin skin = {&animal->coat, head, IC_TOY_MUZZLE};
    const float depth = 0.92f + 0.1f * animal->breed->muzzle_length;
    const float wide = animal->breed->muzzle_width;
    const struct ic_toy_place chin = {{0, 0.63f, 0.8f}, 0.23f * wide, 0.16f, 0, 1};
    const struct ic_toy_place mouth = {{0, 0.60f, 0.9f}, 0.12f, 0.12f, 0, 1};
    const struct ic_toy_place nose = {{0, 0.27f, depth + 0.1f}, 0.125f, 0.1f, 0, 1};
    const struct ic_toy_place shine = {
        {-0.04f, 0.235f, depth + 0.1f}, 0.05f, 0.03f, 0, 1};
    struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.7f);

    ic_toy_draw_oval(canvas, head, &chin, &paint);
    if (animal->mouth_open) {
        paint = ic_toy_paint_plain(tongue, 1, 0.3f);
        ic_toy_draw_oval(canvas, head, &mouth, &paint);
    }
    for (int side = -1; side <= 1; side += 2) {
        const struct ic_toy_place puff = {
            {0.17f * wide, 0.44f, depth}, 0.25f * wide, 0.19f, 0.02f, (float)side};

        paint = ic_toy_paint_skin(&skin, 0.7f);
        ic_toy_draw_oval(canvas, head, &puff, &paint);
    }
    paint = ic_toy_paint_plain(dark, 0.75f, 0);
    for (int side = -1; side <= 1; side += 2) {
        const float s = (float)side;
        const struct ic_toy_point lip[4] = {{0, 0.33f, depth + 0.08f},
                                            {0, 0.47f, depth + 0.06f},
                                            {s * 0.12f, 0.56f, depth},
                                            {s * 0.27f, 0.52f, depth - 0.1f}};

        ic_toy_stroke(canvas, head, lip, 4, 0.025f, 0.015f, &paint);
    }
    paint = ic_toy_paint_plain(animal->nose, 1, 0.5f);
    ic_toy_draw_shape(canvas, head, &nose, nose_outline, IC_TOY_COUNT(nose_outline), 0,
                      0, &paint);
    ic_toy_glow(canvas, head, &shine, (struct ic_toy_colour){1, 1, 1}, 0.5f);
}

void ic_toy_draw_cat_head(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal)
{
    const struct ic_toy_breed *breed = animal->breed;
    const struct ic_toy_skin skin = {&animal->coat, &animal->head, IC_TOY_HEAD};
    const struct ic_toy_paint coat = ic_toy_paint_skin(&skin, 0.9f);
    const struct ic_toy_place skull = {
        {0, 0, 0}, breed->head_width, breed->head_depth, 0, 1};

    draw_ear(canvas, animal, -1);
    draw_ear(canvas, animal, 1);
    ic_toy_draw_shape(canvas, &animal->head, &skull, head_outline,
                      IC_TOY_COUNT(head_outline), animal->coat.fur, animal->seed,
                      &coat);
    draw_eye(canvas, animal, -1);
    draw_eye(canvas, animal, 1);
    draw_snout(canvas, animal);
    draw_whiskers(canvas, animal, -1);
    draw_whiskers(canvas, animal, 1);
}
