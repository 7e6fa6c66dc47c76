/* SPDX-License-Identifier: MIT */
/*
 * The curve of a learning-rate range test for people: as a table and as a picture.
 */
#ifndef IC_REPORT_CURVE_H
#define IC_REPORT_CURVE_H

#include "train/lr_curve.h"

/* Writes one row per step under "step,lr,loss,smooth_loss", steps counted from 1. A
 * last loss that is infinite is "inf". Written atomically. */
ic_status ic_curve_write_csv(const struct ic_lr_curve *curve, const char *path,
                             struct ic_error *error);

/* Draws the smoothed loss over the logarithm of the learning rate, and the suggestion.
 * The curve of a test that diverged leaves the picture at the top. SVG, written
 * atomically. */
ic_status ic_curve_write_svg(const struct ic_lr_curve *curve, const char *path,
                             struct ic_error *error);

#endif
