/* SPDX-License-Identifier: MIT */
/*
 * A picture's answer as JSON, the same from `predict --json` and from a server.
 */
#ifndef IC_SCORE_ANSWER_H
#define IC_SCORE_ANSWER_H

#include <jansson.h>

#include "model/model.h"

/* Flags for json_dump and its variants: one line, numbers with nine digits. */
#define IC_ANSWER_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

/* Adds "class" and "probability" of one of the model's classes to an object. */
void ic_answer_put(json_t *object, const struct ic_model *model, int class,
                   const double *probabilities);

/* {"cat": 0.9, "dog": 0.1}, all classes of the model; NULL when out of memory. */
json_t *ic_answer_probabilities(const struct ic_model *model,
                                const double *probabilities);

#endif
