/* SPDX-License-Identifier: MIT */
/*
 * Test-time augmentation as in fastai's Learner.tta: four random views of each picture,
 * as training with --augment fastai draws them, and the plain picture. The
 * probabilities of the views are averaged; the answer is 3/4 of this mean and 1/4 of
 * the plain picture's probabilities.
 */
#ifndef IC_SCORE_TTA_H
#define IC_SCORE_TTA_H

#include "score/eval.h"

#define IC_TTA_VIEWS 4

/* Like ic_evaluate, with options->seed for the views; random_views and view are not
 * read. on_batch is called once per batch, in the last pass, with the logarithms of the
 * probabilities as logits; on_view, unless NULL, after each batch of the views. The
 * views use the model's presize, or fastbook's where the model has none. */
ic_status ic_evaluate_tta(struct ic_net *net, const struct ic_eval_options *options,
                          void (*on_view)(void *context, const struct ic_batch *batch),
                          struct ic_scores *ret_scores, struct ic_error *error);

#endif
