/* SPDX-License-Identifier: MIT */
/*
 * The sums of an evaluation: loss, errors, and which class was taken for which.
 */
#ifndef IC_SCORE_SCORES_H
#define IC_SCORE_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { IC_SCORES_TOP = 5 };

/* Sums over the pictures that have a label. */
struct ic_scores {
    size_t images, wrong;
    size_t near_top; /* with the class among the IC_SCORES_TOP largest logits; counted
                        only by ic_scores_add */
    double loss_sum; /* of cross-entropies, without label smoothing */
    int classes;     /* of the model */
    uint64_t *confusion; /* [label * classes + predicted]; owned */
    bool stopped;        /* by the flag: the sums cover only the first part */
};

/* Sets all sums to zero, for `classes` classes. The caller frees them. */
ic_status ic_scores_init(struct ic_scores *ret_scores, int classes,
                         struct ic_error *error);
void ic_scores_free(struct ic_scores *scores); /* all zero is fine */

/* Adds one picture's logits (scores->classes); a `label` of -1 is not counted. Returns
 * false, and adds nothing, where a logit is not finite. */
bool ic_scores_add(struct ic_scores *scores, const float *logits, int label);

/* Adds one picture of class `label` that was taken for `predicted`, with its loss. */
void ic_scores_count(struct ic_scores *scores, int label, int predicted, double loss);

double ic_scores_loss(const struct ic_scores *scores);       /* the mean */
double ic_scores_error_rate(const struct ic_scores *scores); /* wrong / images */

/* near_top / images: the top-5 accuracy. */
double ic_scores_top_accuracy(const struct ic_scores *scores);

#endif
