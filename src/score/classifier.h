/* SPDX-License-Identifier: MIT */
/*
 * A trained classifier in memory, for any number of threads that score with it: its
 * description and its weights, read once and brought into the form that the kernels
 * take. Nothing changes it once it is open. Each thread scores by a scorer of its own
 * (score/scorer.h).
 */
#ifndef IC_SCORE_CLASSIFIER_H
#define IC_SCORE_CLASSIFIER_H

#include "backend/compute.h"
#include "graph/fold.h"
#include "score/trained_model.h"

struct ic_classifier;

/* Reads the weights file and loads its network, whose batch norms are folded into the
 * convolutions. `batch` is the largest number of pictures that a scorer will take at
 * once, at least 1: kernels and the form of the weights are chosen by it. `fold` is
 * IC_FOLD_FOR_MANY, or IC_FOLD_FOR_ONE where one batch is all that will ever be scored.
 * compute->threads is what each scorer computes with.
 *
 * Refused: what ic_trained_model_open and ic_compute_open refuse, and a network that,
 * with one scorer, needs more memory than the device allows. The caller closes
 * *ret_classifier, which is NULL on failure. */
ic_status ic_classifier_open(const struct ic_model_source *source,
                             const struct ic_compute *compute, int batch,
                             enum ic_fold fold, struct ic_classifier **ret_classifier,
                             struct ic_error *error);

/* After all scorers are closed; NULL is fine. */
void ic_classifier_close(struct ic_classifier *classifier);

/* What it tells apart, and on which pictures; valid while the classifier is open. */
const struct ic_model *ic_classifier_model(const struct ic_classifier *classifier);

/* ic_trained_model_open_data of its file. */
ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *folder, struct ic_dataset *ret_dataset,
                                  struct ic_error *error);

/* --- for scorers --------------------------------------------------------------- */

/* The net that holds the weights and nothing else (IC_PLAN_WEIGHTS). */
const struct ic_net *ic_classifier_net(const struct ic_classifier *classifier);

/* Scorers that are opened from now on compute with so many threads each, at least 1,
 * and not with those that the classifier was loaded by. No scorer is open yet. */
void ic_classifier_set_threads(struct ic_classifier *classifier, int threads);

/* What computes, in words that last as long as the classifier. */
const struct ic_compute *ic_classifier_compute(const struct ic_classifier *classifier);

#endif
