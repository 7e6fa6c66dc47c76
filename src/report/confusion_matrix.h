/* SPDX-License-Identifier: MIT */
/*
 * The confusion matrix as a picture: a row for each true class, a column for each
 * predicted class, a cell shaded by its share of the row.
 */
#ifndef IC_REPORT_CONFUSION_MATRIX_H
#define IC_REPORT_CONFUSION_MATRIX_H

#include "model/model.h"
#include "score/scores.h"

/* Writes an SVG file. `classes` are the names of the scores' classes. */
ic_status ic_confusion_matrix_draw(const char *path, const struct ic_scores *scores,
                                   const char *const *classes, struct ic_error *error);

#endif
