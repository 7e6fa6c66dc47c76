/* SPDX-License-Identifier: MIT */
/*
 * Turns a decoded picture into the square that the network sees: draws the random
 * choices and applies them.
 *
 * Without presizing, one ic_fit_square does this. With presizing, ic_fit_square first
 * makes a square of side `presize`; that square is resampled once, with flip, rotation,
 * zoom, perspective, crop, brightness and contrast in a single step, as in fastai's
 * item_tfms=Resize(presize), batch_tfms=aug_transforms(size=size, min_scale=0.75).
 */
#ifndef IC_DATA_AUGMENT_H
#define IC_DATA_AUGMENT_H

#include "data/erase.h"
#include "image/fit.h"
#include "image/warp.h"

enum ic_augment {
    IC_AUGMENT_NONE,
    IC_AUGMENT_FLIP,  /* mirrors half of the pictures */
    IC_AUGMENT_FASTAI /* all of it; needs presizing */
};

/* "none", "flip" and "fastai", in that order; the list ends with NULL. */
extern const char *const ic_augment_names[];

/* The strength and the probability of each kind of augmentation. */
struct ic_augment_parts {
    double flip;          /* chance that a picture is mirrored; FLIP and FASTAI */
    double max_rotate;    /* FASTAI: degrees, to either side */
    double max_zoom;      /* the largest factor; 1: no zoom */
    double max_warp;      /* tilt of the perspective, up to 0.5 */
    double affine_chance; /* of each: rotation, zoom, both warps */
    double max_lighting;  /* change of brightness and contrast, below 1 */
    double light_chance;  /* of each of the two */
    double min_scale;     /* least part of the area that the crop keeps */
    double erase;         /* any kind: chance that a rectangle is erased (erase.h) */
};

/* The defaults of fastai 2.8's aug_transforms, with fastbook's min_scale of 0.75. */
extern const struct ic_augment_parts ic_augment_fastai;

/* The settings that all pictures share. */
struct ic_frame {
    int size;    /* side of the result, in pixels */
    int presize; /* side of the square before it; 0: no presizing */
    enum ic_fit fit;
    bool upright; /* JPEGs are turned as their EXIF orientation says */
};

/* The random choices for one picture. */
struct ic_augmentation {
    struct ic_fit_place place; /* of the first square */
    struct ic_warp warp;       /* without presizing only its flip counts */
    double brightness, contrast;
    struct ic_erasure erasure;
};

/* The presize that goes with `size`: fastbook's 460 for 224, and in proportion. */
int ic_augment_presize(int size);

/* Whether every draw gives the same view as validation. */
bool ic_augment_is_fixed(enum ic_augment kind, const struct ic_augment_parts *parts,
                         enum ic_fit fit);

/* The choice for validation: the middle of the picture, unchanged. */
void ic_augment_none(struct ic_augmentation *ret_choice, const struct ic_frame *frame);

/* The choice depends on (seed, epoch, sample) alone. The stream IC_RANDOM_AUGMENT
 * yields, in this order: u and v of the first square; the flip; for FASTAI warp_x,
 * warp_y, degrees and zoom (each after the number that decides whether it is applied),
 * the zoom's x and y, the crop's area, brightness and contrast (each after its deciding
 * number, too), the crop's left and top; last, where parts->erase is above 0, whether a
 * rectangle is erased, and the rectangle. */
void ic_augment_draw(struct ic_augmentation *ret_choice, const struct ic_frame *frame,
                     enum ic_augment kind, const struct ic_augment_parts *parts,
                     uint64_t seed, uint32_t epoch, uint32_t sample);

/* Writes size * size * 3 bytes to `out`. */
ic_status ic_augment_apply(uint8_t *out, const struct ic_image *image,
                           const struct ic_frame *frame,
                           const struct ic_augmentation *choice,
                           struct ic_error *error);

#endif
