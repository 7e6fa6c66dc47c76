/* SPDX-License-Identifier: MIT */
/*
 * Test-time augmentation as fastai's Learner.tta does it: four random views of each
 * picture, as training with --augment fastai draws them, and the plain one. The
 * probabilities of the views are averaged; the answer is 3/4 of that and 1/4 of the
 * plain picture's.
 */
#ifndef IC_SCORE_TTA_H
#define IC_SCORE_TTA_H

#include "score/eval.h"

#define IC_TTA_VIEWS 4

/* Like ic_evaluate, with options->seed for the views; draw and view are not read.
 * on_batch is called once a picture, in the last pass, with the logarithms of the
 * probabilities as logits; on_view, unless NULL, after each batch of the views. The
 * model's presize, or fastbook's where it has none, is used for the views. */
ic_status ic_evaluate_tta(struct ic_net *net, const struct ic_eval_options *options,
                          void (*on_view)(void *context, const struct ic_batch *batch),
                          struct ic_scores *ret_scores, struct ic_error *error);

#endif
