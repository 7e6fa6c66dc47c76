/* SPDX-License-Identifier: MIT */
/*
 * A dog's head: hanging, folded or rounded ears, round dark eyes, a long muzzle with
 * flews, a large nose, and often the tongue.
 */
#include "data/toy/animal.h"

static const float head_outline[][2] = {
    {0, -0.82f},      {0.36f, -0.80f},  {0.66f, -0.60f}, {0.80f, -0.22f},
    {0.82f, 0.15f},   {0.74f, 0.48f},   {0.50f, 0.78f},  {0.2f, 0.90f},
    {-0.2f, 0.90f},   {-0.50f, 0.78f},  {-0.74f, 0.48f}, {-0.82f, 0.15f},
    {-0.80f, -0.22f}, {-0.66f, -0.60f}, {-0.36f, -0.80f}};

/* Ears grow from their upper inner corner, near (0, 0). */
static const float floppy_outline[][2] = {
    {-0.30f, -0.02f}, {0.05f, -0.16f}, {0.42f, 0.0f},   {0.62f, 0.40f}, {0.60f, 0.82f},
    {0.36f, 1.06f},   {0.06f, 0.98f},  {-0.10f, 0.62f}, {-0.14f, 0.28f}};
static const float button_outline[][2] = {
    {-0.45f, 0.15f}, {-0.36f, -0.26f}, {0.05f, -0.40f}, {0.44f, -0.2f},
    {0.66f, 0.2f},   {0.58f, 0.62f},   {0.58f, 0.62f},  {0.2f, 0.42f}};
static const float round_outline[][2] = {
    {-0.40f, 0.3f},  {-0.42f, -0.3f}, {-0.26f, -0.86f}, {0.06f, -1.06f},
    {0.34f, -0.84f}, {0.46f, -0.3f},  {0.46f, 0.3f}};
static const float nose_outline[][2] = {{-1, -0.30f},   {-0.6f, -0.85f}, {0, -0.95f},
                                        {0.6f, -0.85f}, {1, -0.30f},     {0.75f, 0.45f},
                                        {0, 0.85f},     {-0.75f, 0.45f}};
static const float tongue_outline[][2] = {{-0.8f, -1},  {0.8f, -1}, {1, 0.2f},
                                          {0.6f, 0.9f}, {0, 1.1f},  {-0.6f, 0.9f},
                                          {-1, 0.2f}};

static void draw_upright_ear(struct ic_toy_canvas *canvas,
                             const struct ic_toy_animal *animal, float side)
{
    const struct ic_toy_breed *breed = animal->breed;
    const struct ic_toy_skin skin = {&animal->coat, &animal->head, IC_TOY_EAR};
    struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.5f);
    struct ic_toy_place place = {{0.52f * breed->head_width, -0.58f, -0.1f},
                                 0.72f * breed->ear_width,
                                 0.95f * breed->ear_length,
                                 0.08f,
                                 side};

    ic_toy_draw_shape(canvas, &animal->head, &place, round_outline,
                      IC_TOY_COUNT(round_outline), animal->coat.fur * 0.3f,
                      animal->seed, &paint);
    place.at.y += 0.05f;
    place.width *= 0.58f, place.height *= 0.78f;
    paint = ic_toy_paint_plain(animal->ear, 0.85f, 0.4f);
    ic_toy_draw_shape(canvas, &animal->head, &place, round_outline,
                      IC_TOY_COUNT(round_outline), 0, 0, &paint);
}

static void draw_hanging_ear(struct ic_toy_canvas *canvas,
                             const struct ic_toy_animal *animal, float side)
{
    const struct ic_toy_breed *breed = animal->breed;
    const bool button = breed->ears == IC_TOY_EARS_BUTTON;
    const struct ic_toy_skin skin = {&animal->coat, &animal->head, IC_TOY_EAR};
    const struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.6f);
    const struct ic_toy_place place = {
        {(button ? 0.56f : 0.60f) * breed->head_width, button ? -0.62f : -0.56f, 0.1f},
        0.86f * breed->ear_width,
        1.12f * breed->ear_length,
        button ? 0 : -0.02f,
        side};
    struct ic_toy_place shadow = {
        {place.at.x + 0.12f, place.at.y + place.height * 0.55f, 0.1f},
        place.width * 0.62f,
        place.height * 0.72f,
        0,
        side};

    ic_toy_glow(canvas, &animal->head, &shadow, (struct ic_toy_colour){0, 0, 0}, 0.35f);
    if (button)
        ic_toy_draw_shape(canvas, &animal->head, &place, button_outline,
                          IC_TOY_COUNT(button_outline), animal->coat.fur * 0.4f,
                          animal->seed, &paint);
    else
        ic_toy_draw_shape(canvas, &animal->head, &place, floppy_outline,
                          IC_TOY_COUNT(floppy_outline), animal->coat.fur, animal->seed,
                          &paint);
}

static void draw_eye(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                     float side)
{
    static const struct ic_toy_colour rim = {0.07f, 0.06f, 0.06f};
    static const struct ic_toy_colour glint = {1, 1, 1};
    const float size = 0.165f * animal->breed->eye;
    struct ic_toy_place place = {
        {0.37f, -0.16f, 0.84f}, size * 1.22f, size * 1.12f, 0.02f, side};
    struct ic_toy_paint paint = ic_toy_paint_plain(rim, 0.95f, 0);

    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
    place.at.x += side * animal->gaze * size * 0.2f;
    place.width = place.height = size * 0.86f;
    paint = ic_toy_paint_plain(animal->iris, 1, 0);
    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
    place.width = place.height = size * ic_toy_mix(0.42f, 0.62f, animal->pupil);
    paint = ic_toy_paint_plain(rim, 1, 0);
    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
    place.at.x -= side * size * 0.3f;
    place.at.y -= size * 0.32f;
    place.width = place.height = size * 0.26f;
    paint = ic_toy_paint_plain(glint, 0.95f, 0);
    ic_toy_draw_oval(canvas, &animal->head, &place, &paint);
}

/* The jaw hangs below the muzzle when the mouth is open. */
static void draw_jaw(struct ic_toy_canvas *canvas, const struct ic_toy_animal *animal,
                     float y, float z, float wide)
{
    static const struct ic_toy_colour gums = {0.30f, 0.10f, 0.10f};
    static const struct ic_toy_colour tongue = {0.88f, 0.45f, 0.48f};
    static const struct ic_toy_colour crease = {0.62f, 0.26f, 0.30f};
    const struct ic_toy_view *head = &animal->head;
    const struct ic_toy_skin skin = {&animal->coat, head, IC_TOY_MUZZLE};
    const float drop = animal->mouth_open ? 0.34f : 0.12f;
    const struct ic_toy_place jaw = {
        {0, y + drop, z - 0.15f}, 0.30f * wide, 0.26f, 0, 1};
    const struct ic_toy_place inside = {
        {0, y + 0.24f, z - 0.1f}, 0.26f * wide, 0.22f, 0, 1};
    const struct ic_toy_place lick = {{0, y + 0.48f, z}, 0.17f * wide, 0.28f, 0, 1};
    const struct ic_toy_point line[2] = {{0, y + 0.28f, z}, {0, y + 0.62f, z}};
    struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.8f);

    ic_toy_draw_oval(canvas, head, &jaw, &paint);
    if (!animal->mouth_open)
        return;
    paint = ic_toy_paint_plain(gums, 1, 0);
    ic_toy_draw_oval(canvas, head, &inside, &paint);
    paint = ic_toy_paint_plain(tongue, 1, 0.6f);
    ic_toy_draw_shape(canvas, head, &lick, tongue_outline, IC_TOY_COUNT(tongue_outline),
                      0, 0, &paint);
    paint = ic_toy_paint_plain(crease, 0.8f, 0);
    ic_toy_stroke(canvas, head, line, 2, 0.02f, 0.01f, &paint);
}

static void draw_muzzle(struct ic_toy_canvas *canvas,
                        const struct ic_toy_animal *animal)
{
    static const struct ic_toy_colour dark = {0.10f, 0.07f, 0.07f};
    const struct ic_toy_view *head = &animal->head;
    const struct ic_toy_skin skin = {&animal->coat, head, IC_TOY_MUZZLE};
    const float wide = animal->breed->muzzle_width;
    const float tip = 0.85f + 0.65f * animal->breed->muzzle_length, y = 0.42f;
    const struct ic_toy_point bridge[3] = {
        {0, 0.16f, 0.75f}, {0, 0.30f, (0.8f + tip) / 2}, {0, y - 0.04f, tip - 0.05f}};
    const struct ic_toy_place nose = {{0, y - 0.2f, tip + 0.14f}, 0.235f, 0.175f, 0, 1};
    const struct ic_toy_place shine = {
        {-0.06f, y - 0.27f, tip + 0.14f}, 0.11f, 0.06f, 0, 1};
    const struct ic_toy_place under = {
        {0, y + 0.32f, tip - 0.4f}, 0.6f * wide, 0.42f, 0, 1};
    struct ic_toy_paint paint = ic_toy_paint_skin(&skin, 0.85f);

    ic_toy_glow(canvas, head, &under, (struct ic_toy_colour){0, 0, 0}, 0.35f);
    draw_jaw(canvas, animal, y, tip, wide);
    ic_toy_stroke(canvas, head, bridge, 3, 0.25f * wide, 0.33f * wide, &paint);
    for (int side = -1; side <= 1; side += 2) {
        const struct ic_toy_place flew = {{0.2f * wide, y + 0.1f, tip - 0.02f},
                                          0.26f * wide,
                                          0.27f,
                                          -0.03f,
                                          (float)side};

        ic_toy_draw_oval(canvas, head, &flew, &paint);
    }
    paint = ic_toy_paint_plain(dark, 0.8f, 0);
    for (int side = -1; side <= 1; side += 2) {
        const float s = (float)side;
        const struct ic_toy_point lip[4] = {{0, y - 0.06f, tip + 0.12f},
                                            {0, y + 0.16f, tip + 0.1f},
                                            {s * 0.18f * wide, y + 0.34f, tip},
                                            {s * 0.42f * wide, y + 0.22f, tip - 0.3f}};

        ic_toy_stroke(canvas, head, lip, 4, 0.026f, 0.02f, &paint);
    }
    paint = ic_toy_paint_plain(animal->nose, 1, 0.6f);
    ic_toy_draw_shape(canvas, head, &nose, nose_outline, IC_TOY_COUNT(nose_outline), 0,
                      0, &paint);
    ic_toy_glow(canvas, head, &shine, (struct ic_toy_colour){1, 1, 1}, 0.6f);
}

void ic_toy_draw_dog_head(struct ic_toy_canvas *canvas,
                          const struct ic_toy_animal *animal)
{
    const struct ic_toy_breed *breed = animal->breed;
    const bool upright = breed->ears == IC_TOY_EARS_ROUND;
    const struct ic_toy_skin skin = {&animal->coat, &animal->head, IC_TOY_HEAD};
    const struct ic_toy_paint coat = ic_toy_paint_skin(&skin, 0.9f);
    const struct ic_toy_place skull = {
        {0, 0, 0}, breed->head_width, breed->head_depth, 0, 1};

    for (int side = -1; side <= 1 && upright; side += 2)
        draw_upright_ear(canvas, animal, (float)side);
    ic_toy_draw_shape(canvas, &animal->head, &skull, head_outline,
                      IC_TOY_COUNT(head_outline), animal->coat.fur * 0.7f, animal->seed,
                      &coat);
    for (int side = -1; side <= 1 && !upright; side += 2)
        draw_hanging_ear(canvas, animal, (float)side);
    draw_eye(canvas, animal, -1);
    draw_eye(canvas, animal, 1);
    draw_muzzle(canvas, animal);
}
