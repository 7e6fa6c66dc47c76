/* SPDX-License-Identifier: MIT */
/*
 * A trained classifier in memory, for any number of threads that score with it: its
 * description and its weights, read once and packed for the kernels. It does not change
 * once it is open. Each thread scores with its own scorer (score/scorer.h).
 */
#ifndef IC_SCORE_CLASSIFIER_H
#define IC_SCORE_CLASSIFIER_H

#include "backend/compute.h"
#include "graph/fold.h"
#include "score/trained_model.h"

struct ic_classifier;

/* Reads the weights file and loads its network, whose batch norms are folded into the
 * convolutions. `batch` is the largest batch of a scorer, at least 1: kernels and the
 * form of the weights are chosen by it. `fold` is IC_FOLD_FOR_MANY, or IC_FOLD_FOR_ONE
 * where only one batch will ever be scored. compute->threads is the number of threads
 * of each scorer.
 *
 * Refuses the same as ic_trained_model_open and ic_compute_open, and a network that,
 * with one scorer, needs more memory than the device allows. The caller closes
 * *ret_classifier, which is NULL on failure. */
ic_status ic_classifier_open(const struct ic_model_source *source,
                             const struct ic_compute *compute, int batch,
                             enum ic_fold fold, struct ic_classifier **ret_classifier,
                             struct ic_error *error);

/* Closes the classifier after all its scorers; NULL is fine. */
void ic_classifier_close(struct ic_classifier *classifier);

/* The classifier's description; valid while the classifier is open. */
const struct ic_model *ic_classifier_model(const struct ic_classifier *classifier);

/* Calls ic_trained_model_open_data for the classifier's file. */
ic_status ic_classifier_open_data(const struct ic_classifier *classifier,
                                  const char *folder, struct ic_dataset *ret_dataset,
                                  struct ic_error *error);

/* --- for scorers --------------------------------------------------------------- */

/* The net that holds only the weights (IC_PLAN_WEIGHTS). */
const struct ic_net *ic_classifier_net(const struct ic_classifier *classifier);

/* Sets the number of threads, at least 1, of each scorer to be opened, in place of the
 * number that loaded the classifier. No scorer is open yet. */
void ic_classifier_set_threads(struct ic_classifier *classifier, int threads);

/* The device and arithmetic, in words that last as long as the classifier. */
const struct ic_compute *ic_classifier_compute(const struct ic_classifier *classifier);

#endif
