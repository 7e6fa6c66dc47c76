/*
 * The embedded data set: cats and dogs drawn by program, in the Oxford layout, so that
 * the whole job runs on a machine without a network. The same bytes for the same seed.
 */
#ifndef IC_DATA_TOY_PETS_H
#define IC_DATA_TOY_PETS_H

#include "base/error.h"
#include "image/image.h"

#include <stdint.h>

struct ic_toy_options {
    int count; /* pictures */
    int size;  /* the longer side is about this, in pixels */
    uint64_t seed;
};

/* Draws picture `index`; its breed, pose, coat, light and background are functions of
 * (seed, index). */
ic_status ic_toy_draw(const struct ic_toy_options *options, int index,
                      struct ic_image *ret_image, struct ic_error *error);

/* Writes folder/images/ and folder/annotations/ (list.txt, trainval.txt, test.txt) as
 * the Oxford set has them. A folder that exists and is not empty is refused. */
ic_status ic_toy_pets_write(const char *folder, const struct ic_toy_options *options,
                            struct ic_error *error);

#endif
