/* SPDX-License-Identifier: MIT */
/*
 * Draws and applies augmentation. See augment.h. The transforms are those of
 * fastai 2.8's aug_transforms.
 */
#include "data/augment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "image/sample.h"
#include "image/tone.h"

const struct ic_augment_parts ic_augment_fastai = {
    .flip = 0.5,
    .max_rotate = 10,
    .max_zoom = 1.1,
    .max_warp = 0.2,
    .affine_chance = 0.75,
    .max_lighting = 0.2,
    .light_chance = 0.75,
    .min_scale = 0.75,
    .erase = 0,
};

const char *const ic_augment_names[] = {[IC_AUGMENT_NONE] = "none",
                                        [IC_AUGMENT_FLIP] = "flip",
                                        [IC_AUGMENT_FASTAI] = "fastai",
                                        NULL};

int ic_augment_presize(int size)
{
    return (int)lround(size * 460.0 / 224);
}

bool ic_augment_is_fixed(enum ic_augment kind, const struct ic_augment_parts *parts,
                         enum ic_fit fit)
{
    return kind == IC_AUGMENT_NONE && parts->erase == 0 && fit == IC_FIT_SQUISH;
}

void ic_augment_none(struct ic_augmentation *ret_choice, const struct ic_frame *frame)
{
    *ret_choice = (struct ic_augmentation){
        .place = {0.5, 0.5},
        .warp = ic_warp_none(frame->presize > 0 ? frame->presize : frame->size),
        .brightness = 0.5,
        .contrast = 1,
    };
}

/* --- drawing ---------------------------------------------------------------------- */

static double between(struct ic_random *random, double least, double most)
{
    return least + (most - least) * ic_random_uniform(random);
}

/* Draws a number from `least` to `most` with probability `chance`, else gives
 * `neutral`. Both random numbers are drawn either way, so that one choice does not
 * shift the draws after it. */
static double maybe(struct ic_random *random, double chance, double neutral,
                    double least, double most)
{
    const bool done = ic_random_uniform(random) < chance;
    const double value = between(random, least, most);

    return done ? value : neutral;
}

static void draw_all(struct ic_augmentation *choice,
                     const struct ic_augment_parts *parts, int side,
                     struct ic_random *random)
{
    const double affine = parts->affine_chance, light = parts->light_chance;
    const double tilt = parts->max_warp, turn = parts->max_rotate;
    const double dim = log(1 - parts->max_lighting);
    struct ic_warp *warp = &choice->warp;
    double area;

    warp->warp_x = maybe(random, affine, 0, -tilt, tilt);
    warp->warp_y = maybe(random, affine, 0, -tilt, tilt);
    warp->degrees = maybe(random, affine, 0, -turn, turn);
    warp->zoom = maybe(random, affine, 1, 1, parts->max_zoom);
    warp->zoom_x = ic_random_uniform(random);
    warp->zoom_y = ic_random_uniform(random);
    area = between(random, parts->min_scale, 1) * side * side;
    choice->brightness = maybe(random, light, 0.5, 0.5 * (1 - parts->max_lighting),
                               0.5 * (1 + parts->max_lighting));
    choice->contrast = exp(maybe(random, light, 0, dim, -dim));
    warp->crop = (int)rint(sqrt(area));
    warp->left = (int)ic_random_below(random, (uint32_t)(side - warp->crop) + 1);
    warp->top = (int)ic_random_below(random, (uint32_t)(side - warp->crop) + 1);
}

void ic_augment_draw(struct ic_augmentation *ret_choice, const struct ic_frame *frame,
                     enum ic_augment kind, const struct ic_augment_parts *parts,
                     uint64_t seed, uint32_t epoch, uint32_t sample)
{
    struct ic_random random;

    assert(kind != IC_AUGMENT_FASTAI || frame->presize > 0);
    ic_augment_none(ret_choice, frame);
    ic_random_init(&random, seed, IC_RANDOM_AUGMENT, epoch, sample);
    ret_choice->place.u = ic_random_uniform(&random);
    ret_choice->place.v = ic_random_uniform(&random);
    if (kind != IC_AUGMENT_NONE)
        ret_choice->warp.flip = ic_random_uniform(&random) < parts->flip;
    if (kind == IC_AUGMENT_FASTAI)
        draw_all(ret_choice, parts, frame->presize, &random);
    if (parts->erase > 0 && ic_random_uniform(&random) < parts->erase)
        ic_erase_draw(&ret_choice->erasure, frame->size, &random);
}

/* --- applying --------------------------------------------------------------------- */

static ic_status apply_presized(uint8_t *out, const struct ic_image *image,
                                const struct ic_frame *frame,
                                const struct ic_augmentation *choice,
                                struct ic_error *error)
{
    uint8_t *curve = malloc(IC_TONE_SIZE);
    struct ic_image square = {0};
    double matrix[9];
    ic_status status;

    if (curve == NULL)
        return ic_fail_memory(error, "a table of brightness", IC_TONE_SIZE);
    status = ic_image_alloc(&square, frame->presize, frame->presize, error);
    if (status == IC_OK)
        status = ic_fit_square(square.rgb, image, frame->presize, frame->fit,
                               choice->place, false, error);
    if (status == IC_OK) {
        ic_tone_curve(curve, choice->brightness, choice->contrast);
        ic_warp_matrix(matrix, &choice->warp, frame->presize);
        status = ic_sample(out, &square, frame->size, matrix, curve, error);
    }
    ic_image_free(&square);
    free(curve);
    return status;
}

ic_status ic_augment_apply(uint8_t *out, const struct ic_image *image,
                           const struct ic_frame *frame,
                           const struct ic_augmentation *choice, struct ic_error *error)
{
    const ic_status status =
        frame->presize > 0 ? apply_presized(out, image, frame, choice, error)
                           : ic_fit_square(out, image, frame->size, frame->fit,
                                           choice->place, choice->warp.flip, error);

    if (status == IC_OK && choice->erasure.width > 0)
        ic_erase_apply(out, frame->size, &choice->erasure);
    return status;
}
