/* SPDX-License-Identifier: MIT */
/*
 * Turns a picture's bytes into the square that the network sees. The loader does this
 * for files, a scorer also for bytes in memory.
 */
#ifndef IC_DATA_SQUARE_H
#define IC_DATA_SQUARE_H

#include "data/augment.h"
#include "data/dataset.h"

enum ic_decode {
    IC_DECODE_EXACT, /* every picture whole, then reduced */
    IC_DECODE_FAST   /* JPEGs no larger than needed: see ic_image_decode_reduced */
};

/* "exact" and "fast", in that order; the list ends with NULL. */
extern const char *const ic_decode_names[];

/* Decodes the picture and writes frame->size^2 * 3 bytes to `out`. `name` is for
 * messages; `choice` is what ic_augment_none or ic_augment_draw gave for the frame. */
ic_status ic_square_decode(uint8_t *out, const uint8_t *bytes, size_t size,
                           const char *name, enum ic_decode decode,
                           const struct ic_frame *frame,
                           const struct ic_augmentation *choice,
                           struct ic_error *error);

/* Does the same with a picture of a data set. Refuses also a picture whose bytes have
 * changed since it was checked (ic_check_pictures). */
ic_status ic_square_load(uint8_t *out, const struct ic_dataset *dataset, uint32_t index,
                         enum ic_decode decode, const struct ic_frame *frame,
                         const struct ic_augmentation *choice, struct ic_error *error);

#endif
