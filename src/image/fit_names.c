/* SPDX-License-Identifier: MIT */
/*
 * The names of the ways to fit a picture, apart from fit.c, so that code that parses
 * the names does not link the resampling.
 */
#include "image/fit.h"

const char *const ic_fit_names[] = {
    [IC_FIT_CROP] = "crop", [IC_FIT_PAD] = "pad", [IC_FIT_SQUISH] = "squish", NULL};
