/* SPDX-License-Identifier: MIT */
/*
 * Bodies: shoulders below a portrait, sitting, standing and lying animals, with legs
 * and tails. Cats are lower and have long tails; dogs have deeper chests, longer legs.
 */
#include "data/toy/animal.h"

static const float shoulder_outline[][2] = {
    {-0.58f, 0.1f}, {-0.66f, 0.8f}, {-1.05f, 1.4f}, {-1.42f, 2.2f},
    {-1.6f, 4.6f},  {-1.6f, 4.6f},  {1.6f, 4.6f},   {1.6f, 4.6f},
    {1.42f, 2.2f},  {1.05f, 1.4f},  {0.66f, 0.8f},  {0.58f, 0.1f}};
static const float sitting_outline[][2] = {
    {-0.5f, 0.3f},   {-0.68f, 1.0f}, {-0.86f, 1.7f}, {-1.15f, 2.5f}, {-1.3f, 3.2f},
    {-1.05f, 3.72f}, {0, 3.78f},     {1.05f, 3.72f}, {1.3f, 3.2f},   {1.15f, 2.5f},
    {0.86f, 1.7f},   {0.68f, 1.0f},  {0.5f, 0.3f}};
static const float cat_trunk[][2] = {{-0.35f, 0.3f}, {-0.42f, 1.1f}, {-0.1f, 1.75f},
                                     {0.7f, 1.98f},  {1.8f, 1.95f},  {2.8f, 1.85f},
                                     {3.35f, 1.5f},  {3.4f, 0.95f},  {3.0f, 0.55f},
                                     {2.0f, 0.50f},  {1.0f, 0.45f},  {0.4f, 0.1f}};
static const float dog_trunk[][2] = {{-0.4f, 0.2f}, {-0.5f, 1.0f}, {-0.15f, 1.9f},
                                     {0.6f, 2.2f},  {1.6f, 1.95f}, {2.4f, 1.65f},
                                     {3.05f, 1.4f}, {3.15f, 0.9f}, {2.8f, 0.45f},
                                     {1.8f, 0.5f},  {0.9f, 0.35f}, {0.45f, -0.1f}};

/* --- parts of bodies ------------------------------------------------------------- */

static void draw_trunk(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                       const float (*corners)[2], int count, float width)
{
    const struct ic_toy_skin skin = {&animal->coat, &animal->body, IC_TOY_BODY};
    const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.85f);
    const struct ic_toy_place place = {{0, 0, 0}, width, 1, 0, 1};

    ic_toy_draw_shape(canvas, &animal->body, &place, corners, count,
                      animal->coat.fur * 1.2f, animal->seed + 1, &paint);
}

static void draw_oval(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                      enum ic_toy_part part, float x, float y, float width,
                      float height)
{
    const struct ic_toy_skin skin = {&animal->coat, &animal->body, part};
    const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.8f);
    const struct ic_toy_place place = {{x, y, 0}, width, height, 0, 1};
    const float fur = animal->coat.fur + (part == IC_TOY_CHEST ? 0.08f : 0);
    struct ic_toy_path path;

    ic_toy_path_oval(&path, &animal->body, &place);
    if (fur > 0.03f)
        ic_toy_path_ruffle(&path, fur * animal->body.scale, animal->seed + 2);
    ic_toy_fill(canvas, &path, &paint);
}

static void draw_shadow(struct ic_toy_canvas *canvas,
                        const struct ic_toy_animal *animal, float x, float y,
                        float width, float height, float alpha)
{
    const struct ic_toy_place place = {{x, y, 0}, width, height, 0, 1};

    ic_toy_glow(canvas, &animal->body, &place, (struct ic_toy_colour){0, 0, 0}, alpha);
}

/* A leg from the trunk to the ground, and its paw with two toe lines. */
static void draw_leg(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                     float x, float top, float foot, float ground, float thick)
{
    static const struct ic_toy_colour dark = {0.1f, 0.08f, 0.08f};
    const struct ic_toy_skin skin = {&animal->coat, &animal->body, IC_TOY_LEG};
    const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.7f);
    const struct ic_toy_paint line = ic_toy_paint_plain(dark, 0.5f, 0);
    const struct ic_toy_point bone[3] = {
        {x, top, 0}, {x + 0.02f, (top + ground) / 2, 0}, {foot, ground - 0.12f, 0}};

    ic_toy_stroke(canvas, &animal->body, bone, 3, thick * 1.15f, thick * 0.85f, &paint);
    draw_oval(canvas, animal, IC_TOY_LEG, foot - 0.05f, ground - 0.1f, thick * 1.25f,
              0.19f);
    for (int i = -1; i <= 1; i += 2) {
        const float toe = foot - 0.05f + 0.09f * (float)i;
        const struct ic_toy_point gap[2] = {{toe, ground - 0.1f, 0},
                                            {toe, ground + 0.04f, 0}};

        ic_toy_stroke(canvas, &animal->body, gap, 2, 0.018f, 0.018f, &line);
    }
}

/* From the rump at (x, y): a cat's tail is long, a dog's is shorter and tapers. */
static void draw_tail(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                      float x, float y)
{
    const struct ic_toy_skin skin = {&animal->coat, &animal->body, IC_TOY_TAIL};
    const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.5f);
    const float bush = 2.0f * animal->coat.fur, up = animal->tail;

    if (animal->breed->dog) {
        const struct ic_toy_point bones[4] = {
            {x - 0.2f, y, 0},
            {x + 0.35f, y - 0.25f, 0},
            {x + 0.65f - 0.2f * up, y - 0.55f - 0.4f * up, 0},
            {x + 0.75f - 0.6f * up, y - 0.8f - 0.6f * up, 0}};

        ic_toy_stroke(canvas, &animal->body, bones, 4, 0.19f + bush,
                      0.07f + bush * 0.5f, &paint);
    } else {
        const struct ic_toy_point bones[5] = {{x - 0.2f, y, 0},
                                              {x + 0.5f, y - 0.1f - 0.3f * up, 0},
                                              {x + 0.95f, y - 0.5f - 0.7f * up, 0},
                                              {x + 0.8f, y - 1.0f - 0.9f * up, 0},
                                              {x + 1.1f, y - 1.4f - 0.9f * up, 0}};

        ic_toy_stroke(canvas, &animal->body, bones, 5, 0.15f + bush, 0.12f + bush,
                      &paint);
    }
}

/* --- poses ----------------------------------------------------------------------- */

static void draw_portrait(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal)
{
    draw_trunk(canvas, animal, shoulder_outline, IC_TOY_COUNT(shoulder_outline),
               animal->breed->dog ? 1.0f : 0.9f);
    draw_oval(canvas, animal, IC_TOY_CHEST, 0, 2.1f, 0.55f, 0.95f);
    draw_shadow(canvas, animal, 0.1f, 1.05f, 1.1f, 0.75f, 0.5f);
}

static void draw_sitting(struct ic_toy_canvas *canvas,
                         const struct ic_toy_animal *animal)
{
    const float width = animal->breed->dog ? 0.92f : 1.0f;

    draw_shadow(canvas, animal, 0.2f, 3.75f, 2.3f, 0.45f, 0.6f);
    draw_tail(canvas, animal, 1.15f * width, 3.3f);
    draw_trunk(canvas, animal, sitting_outline, IC_TOY_COUNT(sitting_outline), width);
    draw_oval(canvas, animal, IC_TOY_CHEST, 0, 1.5f, 0.46f, 0.75f);
    for (int side = -1; side <= 1; side += 2) {
        const float s = (float)side * width;

        draw_shadow(canvas, animal, s * 0.75f, 2.95f, 0.65f, 0.85f, 0.3f);
        draw_oval(canvas, animal, IC_TOY_BODY, s * 0.98f, 3.05f, 0.44f, 0.66f);
        draw_oval(canvas, animal, IC_TOY_LEG, s * 1.08f, 3.66f, 0.4f, 0.17f);
    }
    draw_shadow(canvas, animal, 0, 2.9f, 0.75f, 1.2f, 0.3f);
    draw_leg(canvas, animal, -0.36f, 1.9f, -0.38f, 3.85f, 0.27f);
    draw_leg(canvas, animal, 0.36f, 1.9f, 0.38f, 3.85f, 0.27f);
    draw_shadow(canvas, animal, 0.1f, 1.0f, 0.95f, 0.55f, 0.5f);
}

static void draw_standing(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal)
{
    const bool dog = animal->breed->dog;
    const float ground = dog ? 3.45f : 3.05f, thick = dog ? 0.24f : 0.21f;
    const float rump = dog ? 2.75f : 2.95f;

    draw_shadow(canvas, animal, 1.5f, ground, 2.6f, 0.35f, 0.6f);
    draw_tail(canvas, animal, dog ? 3.05f : 3.3f, dog ? 0.75f : 0.85f);
    draw_leg(canvas, animal, 0.55f, 1.3f, 0.6f, ground - 0.14f, thick);
    draw_leg(canvas, animal, rump - 0.3f, 1.3f, rump - 0.35f, ground - 0.14f, thick);
    draw_shadow(canvas, animal, 1.5f, 2.2f, 2.2f, 0.9f, 0.45f);
    if (dog)
        draw_trunk(canvas, animal, dog_trunk, IC_TOY_COUNT(dog_trunk), 1);
    else
        draw_trunk(canvas, animal, cat_trunk, IC_TOY_COUNT(cat_trunk), 1);
    draw_leg(canvas, animal, 0.02f, 1.2f, -0.05f, ground, thick);
    draw_oval(canvas, animal, IC_TOY_BODY, rump, 1.45f, 0.46f, 0.6f);
    draw_leg(canvas, animal, rump + 0.1f, 1.6f, rump + 0.1f, ground, thick);
    draw_oval(canvas, animal, IC_TOY_CHEST, -0.12f, 1.2f, 0.3f, 0.55f);
    draw_shadow(canvas, animal, 0.15f, 0.8f, 0.95f, 0.6f, 0.5f);
}

static void draw_lying(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal)
{
    draw_shadow(canvas, animal, 1.1f, 1.95f, 2.8f, 0.4f, 0.6f);
    draw_tail(canvas, animal, 2.85f, 1.5f);
    draw_oval(canvas, animal, IC_TOY_BODY, 1.25f, 1.1f, 1.75f, 0.82f);
    draw_oval(canvas, animal, IC_TOY_BODY, 0.2f, 1.0f, 0.85f, 0.85f);
    draw_shadow(canvas, animal, 2.0f, 1.2f, 0.8f, 0.7f, 0.3f);
    draw_oval(canvas, animal, IC_TOY_BODY, 2.3f, 1.35f, 0.68f, 0.58f);
    draw_oval(canvas, animal, IC_TOY_LEG, 1.9f, 1.84f, 0.55f, 0.18f);
    draw_oval(canvas, animal, IC_TOY_CHEST, 0, 1.3f, 0.45f, 0.5f);
    draw_shadow(canvas, animal, 0.1f, 0.95f, 1.0f, 0.5f, 0.5f);
    for (int i = 0; i < 2; i++) {
        const float x = 0.5f * (float)i;
        const struct ic_toy_skin skin = {&animal->coat, &animal->body, IC_TOY_LEG};
        const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.7f);
        const struct ic_toy_point bone[3] = {
            {x + 0.1f, 1.45f, 0}, {x - 0.25f, 1.75f, 0}, {x - 0.7f, 1.82f, 0}};

        ic_toy_stroke(canvas, &animal->body, bone, 3, 0.26f, 0.2f, &paint);
        draw_oval(canvas, animal, IC_TOY_LEG, x - 0.75f, 1.82f, 0.27f, 0.2f);
    }
}

static void draw_collar(struct ic_toy_canvas *canvas,
                        const struct ic_toy_animal *animal)
{
    static const struct ic_toy_colour gold = {0.93f, 0.78f, 0.30f};
    const struct ic_toy_point band[5] = {{-0.66f, 0.88f, 0},
                                         {-0.42f, 1.13f, 0},
                                         {0, 1.23f, 0},
                                         {0.42f, 1.13f, 0},
                                         {0.66f, 0.88f, 0}};
    const struct ic_toy_place tag = {{0, 1.4f, 0}, 0.13f, 0.15f, 0, 1};
    struct ic_toy_paint paint = ic_toy_paint_plain(animal->collar, 1, 0.4f);

    ic_toy_stroke(canvas, &animal->body, band, 5, 0.1f, 0.1f, &paint);
    paint = ic_toy_paint_plain(gold, 1, 0.6f);
    ic_toy_draw_oval(canvas, &animal->body, &tag, &paint);
}

void ic_toy_draw_body(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal)
{
    switch (animal->pose) {
    case IC_TOY_PORTRAIT:
        draw_portrait(canvas, animal);
        break;
    case IC_TOY_SITTING:
        draw_sitting(canvas, animal);
        break;
    case IC_TOY_STANDING:
        draw_standing(canvas, animal);
        break;
    case IC_TOY_LYING:
        draw_lying(canvas, animal);
        break;
    }
    if (animal->has_collar)
        draw_collar(canvas, animal);
}
