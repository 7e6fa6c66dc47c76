/* SPDX-License-Identifier: MIT */
/*
 * Collects the tensors of a weights file that do not fit a network, for one sentence
 * that names the first few.
 */
#ifndef IC_MODEL_MISFIT_H
#define IC_MODEL_MISFIT_H

#include <stddef.h>
#include <stdint.h>

enum { IC_SHAPE_TEXT = 64 }; /* bytes of a shape as text */

/* All zero means an empty list. */
struct ic_misfit {
    size_t count;
    char text[400]; /* "missing a, b" */
};

/* Adds a tensor: `what` precedes the first name, `detail` follows each name. */
void ic_misfit_add(struct ic_misfit *misfit, const char *what, const char *name,
                   const char *detail);

/* Appends the list to a sentence, after "; " where the sentence is not empty. */
void ic_misfit_tell(char *sentence, size_t room, const struct ic_misfit *misfit);

/* Writes "[64, 3, 7, 7]". */
void ic_misfit_shape(char text[IC_SHAPE_TEXT], const int64_t *shape, int rank);

#endif
