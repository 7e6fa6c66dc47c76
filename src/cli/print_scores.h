/* SPDX-License-Identifier: MIT */
/*
 * What an evaluation found, as text: `key value` lines, a line a class, and which class
 * was taken for which: a matrix where it fits a terminal, else the commonest pairs.
 * Scripts read it: lines may be added, and none may change.
 */
#ifndef IC_CLI_PRINT_SCORES_H
#define IC_CLI_PRINT_SCORES_H

#include "model/model.h"
#include "score/scores.h"

ic_status ic_print_scores(const struct ic_scores *scores, const struct ic_model *model,
                          struct ic_error *error);

#endif
