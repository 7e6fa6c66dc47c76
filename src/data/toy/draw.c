/* SPDX-License-Identifier: MIT */
/*
 * Puts a toy picture together: an animal of some breed, its place in the picture, the
 * background and the foreground.
 */
#include "data/toy/animal.h"
#include "data/toy/scene.h"

#include "data/toy/pets.h"

#include <assert.h>

/* Where an animal in some pose stands: the head's size, and its place relative to the
 * middle of the picture, so that all of the animal is about in the middle. */
struct stand {
    float small, large; /* half a head, as a part of the picture's shorter side */
    float trunk;        /* size of the body; young animals have large heads */
    float x, y;         /* in units of half a head; x away from the tail */
    float stray;        /* how far it may be moved, as a part of the shorter side */
};

static void choose_pose(struct ic_toy_animal *animal, int width, int height,
                        struct ic_random *random)
{
    static const struct stand stands[] = {
        [IC_TOY_PORTRAIT] = {0.19f, 0.33f, 1.0f, 0, -0.05f, 0.13f},
        [IC_TOY_SITTING] = {0.18f, 0.215f, 0.84f, 0, -0.87f, 0.07f},
        [IC_TOY_STANDING] = {0.18f, 0.22f, 0.84f, -0.9f, -0.65f, 0.06f},
        [IC_TOY_LYING] = {0.19f, 0.245f, 0.84f, -0.85f, -0.1f, 0.07f}};
    const float chance = ic_toy_range(random, 0, 1);
    const float side = (float)(width < height ? width : height);
    const float roll = ic_toy_range(random, -0.06f, 0.06f);
    const float yaw = ic_toy_range(random, -0.11f, 0.11f);
    const float pitch = ic_toy_range(random, -0.03f, 0.035f);
    struct ic_toy_view *body = &animal->body;

    animal->pose = chance < 0.68f  ? IC_TOY_PORTRAIT
                   : chance < 0.8f ? IC_TOY_SITTING
                   : chance < 0.9f ? IC_TOY_STANDING
                                   : IC_TOY_LYING;
    const struct stand *stand = &stands[animal->pose];
    body->scale = side * ic_toy_range(random, stand->small, stand->large);
    body->mirror = ic_toy_chance(random, 0.5f) ? 1.0f : -1.0f;
    body->origin.x = (float)width / 2 + stand->x * body->scale * body->mirror +
                     side * ic_toy_range(random, -stand->stray, stand->stray);
    body->origin.y = (float)height / 2 + stand->y * body->scale +
                     side * ic_toy_range(random, -stand->stray, stand->stray);
    animal->head = *body;
    body->scale *= stand->trunk;
    ic_toy_view_turn(body, roll * 0.3f, 0, 0);
    ic_toy_view_turn(&animal->head, roll, yaw, pitch);
}

/* The longer side varies around the asked size, the shorter is 70 to 100 % of it. */
static void choose_format(int size, int *width, int *height, struct ic_random *random)
{
    const float longer = (float)size * ic_toy_range(random, 0.85f, 1.15f);
    const int a = (int)(longer + 0.5f);
    const int b = (int)(longer * ic_toy_range(random, 0.7f, 1.0f) + 0.5f);
    const bool upright = ic_toy_chance(random, 0.4f);

    *width = upright ? b : a;
    *height = upright ? a : b;
}

ic_status ic_toy_check(const struct ic_toy_options *options, struct ic_error *error)
{
    if (options->count < 1 || options->count > IC_TOY_MAX_COUNT)
        return ic_fail(error, IC_ERR_USAGE,
                       "the number of toy pictures is between 1 and %d, not %d",
                       IC_TOY_MAX_COUNT, options->count);
    if (options->size < IC_TOY_MIN_SIZE || options->size > IC_TOY_MAX_SIZE)
        return ic_fail(error, IC_ERR_USAGE,
                       "the size of toy pictures is between %d and %d pixels, not %d",
                       IC_TOY_MIN_SIZE, IC_TOY_MAX_SIZE, options->size);
    return IC_OK;
}

ic_status ic_toy_draw(const struct ic_toy_options *options, int index,
                      struct ic_image *ret_image, struct ic_error *error)
{
    struct ic_toy_canvas canvas = {0};
    struct ic_toy_animal animal = {0};
    struct ic_random random;
    int width, height;
    ic_status status;

    *ret_image = (struct ic_image){0};
    assert(index >= 0);
    status = ic_toy_check(options, error);
    if (status != IC_OK)
        return status;
    ic_random_init(&random, options->seed, IC_RANDOM_TOY, 0, (uint32_t)index);
    choose_format(options->size, &width, &height, &random);
    status = ic_toy_canvas_init(&canvas, width, height, error);
    if (status != IC_OK)
        return status;
    status = ic_image_alloc(ret_image, width, height, error);
    if (status != IC_OK)
        goto out;
    animal.breed = &ic_toy_breeds[index % IC_TOY_BREEDS];
    ic_toy_breed_choose(&animal, &random);
    choose_pose(&animal, width, height, &random);
    ic_toy_scene_behind(&canvas, &random);
    ic_toy_draw_body(&canvas, &animal);
    if (animal.breed->dog)
        ic_toy_draw_dog_head(&canvas, &animal);
    else
        ic_toy_draw_cat_head(&canvas, &animal);
    ic_toy_scene_before(&canvas, &random);
    ic_toy_scene_develop(&canvas, &random, ret_image);
out:
    ic_toy_canvas_free(&canvas);
    return status;
}
