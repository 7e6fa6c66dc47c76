/* SPDX-License-Identifier: MIT */
/*
 * From a decoded picture to the square that the network sees: which random choices
 * there are, how they are drawn, and how they are applied.
 *
 * Without presizing that is one ic_fit_square. With it, the picture becomes a square of
 * `presize` by ic_fit_square first, and that is sampled once more, with flip, rotation,
 * zoom, perspective and crop in a single step, and lit: what fastai does with
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

/* How much of each there is, and how often. */
struct ic_augment_parts {
    double flip;          /* chance that a picture is mirrored; FLIP and FASTAI */
    double max_rotate;    /* FASTAI: degrees, to either side */
    double max_zoom;      /* as much larger; 1: not at all */
    double max_warp;      /* tilt of the perspective, up to 0.5 */
    double affine_chance; /* of rotation, zoom and either warp, each */
    double max_lighting;  /* change of brightness and contrast, below 1 */
    double light_chance;  /* of either, each */
    double min_scale;     /* least part of the area that the crop keeps */
    double erase;         /* any kind: chance that a rectangle is erased (erase.h) */
};

/* The defaults of fastai 2.8's aug_transforms, with fastbook's min_scale of 0.75. */
extern const struct ic_augment_parts ic_augment_fastai;

/* What is the same for all pictures. */
struct ic_frame {
    int size;    /* side of the result, in pixels */
    int presize; /* side of the square before it; 0: none */
    enum ic_fit fit;
    bool upright; /* JPEGs are turned as their EXIF orientation says */
};

/* One picture's choices. */
struct ic_augmentation {
    struct ic_fit_place place; /* of the first square */
    struct ic_warp warp;       /* without presizing its flip alone counts */
    double brightness, contrast;
    struct ic_erasure erasure;
};

/* fastbook's 460 for pictures of 224, and in proportion. */
int ic_augment_presize(int size);

/* Whether every draw gives the view of validation. */
bool ic_augment_is_fixed(enum ic_augment kind, const struct ic_augment_parts *parts,
                         enum ic_fit fit);

/* The middle, as it is: validation. */
void ic_augment_none(struct ic_augmentation *ret_choice, const struct ic_frame *frame);

/* A function of (seed, epoch, sample) alone. The stream of IC_RANDOM_AUGMENT gives, in
 * this order: u and v of the first square, flip, and for FASTAI warp_x, warp_y, degrees
 * and zoom (each after the number that decides whether it is done), the zoom's x and y,
 * the crop's area, brightness and contrast (as before), the crop's left and top; then,
 * where there is a chance of it, whether a rectangle is erased, and the rectangle. */
void ic_augment_draw(struct ic_augmentation *ret_choice, const struct ic_frame *frame,
                     enum ic_augment kind, const struct ic_augment_parts *parts,
                     uint64_t seed, uint32_t epoch, uint32_t sample);

/* Writes size * size * 3 bytes to `out`. */
ic_status ic_augment_apply(uint8_t *out, const struct ic_image *image,
                           const struct ic_frame *frame,
                           const struct ic_augmentation *choice,
                           struct ic_error *error);

#endif
