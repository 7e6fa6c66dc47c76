/* SPDX-License-Identifier: MIT */
/*
 * What of a weights file does not fit a network, for one sentence: the first few of
 * many.
 */
#ifndef IC_MODEL_MISFIT_H
#define IC_MODEL_MISFIT_H

#include <stddef.h>
#include <stdint.h>

enum { IC_SHAPE_TEXT = 64 }; /* bytes of a shape as text */

/* All zero is none. */
struct ic_misfit {
    size_t count;
    char text[400]; /* "missing a, b" */
};

/* Notes one: `what` stands before the first name, `detail` behind each. */
void ic_misfit_add(struct ic_misfit *misfit, const char *what, const char *name,
                   const char *detail);

/* Appends what was noted to a sentence, behind "; " where there is one. */
void ic_misfit_tell(char *sentence, size_t room, const struct ic_misfit *misfit);

/* "[64, 3, 7, 7]" */
void ic_misfit_shape(char text[IC_SHAPE_TEXT], const int64_t *shape, int rank);

#endif
