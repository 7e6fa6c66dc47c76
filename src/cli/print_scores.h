/* SPDX-License-Identifier: MIT */
/*
 * The results of an evaluation as text: `key value` lines, one line per class, and the
 * confusions: a matrix where it fits a terminal, else the commonest pairs. Scripts read
 * this output: lines may be added, and none may change.
 */
#ifndef IC_CLI_PRINT_SCORES_H
#define IC_CLI_PRINT_SCORES_H

#include "model/model.h"
#include "score/scores.h"

ic_status ic_print_scores(const struct ic_scores *scores, const struct ic_model *model,
                          struct ic_error *error);

#endif
