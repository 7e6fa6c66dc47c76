/* SPDX-License-Identifier: MIT */
/*
 * The embedded data set: cats and dogs drawn by program, in the Oxford layout, so that
 * the whole job runs on a machine without a network. The same seed gives the same
 * bytes.
 */
#ifndef IC_DATA_TOY_PETS_H
#define IC_DATA_TOY_PETS_H

#include "base/error.h"
#include "image/image.h"

#include <stdint.h>

#define IC_TOY_MAX_COUNT 1000000
#define IC_TOY_MIN_SIZE  32
#define IC_TOY_MAX_SIZE  2048

struct ic_toy_options {
    int count; /* pictures, 1 to IC_TOY_MAX_COUNT */
    int size;  /* the longer side is about this, in pixels */
    uint64_t seed;
};

/* Refuses options out of range. */
ic_status ic_toy_check(const struct ic_toy_options *options, struct ic_error *error);

/* Draws picture `index` (0 to count - 1). Breeds take turns, a cat, a dog, a cat; pose,
 * coat, light and background are functions of (seed, index). */
ic_status ic_toy_draw(const struct ic_toy_options *options, int index,
                      struct ic_image *ret_image, struct ic_error *error);

/* Writes folder/images/ and folder/annotations/ (list.txt, trainval.txt, test.txt) as
 * the Oxford set has them: most pictures are JPEG, some PNG (under either ending), some
 * grey. A folder that exists and is not empty is refused. list.txt is written last, so
 * a folder that has it is complete; after an error what was written is removed. */
ic_status ic_toy_pets_write(const char *folder, const struct ic_toy_options *options,
                            struct ic_error *error);

#endif
