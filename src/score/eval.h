/* SPDX-License-Identifier: MIT */
/*
 * A model on a set of pictures: loss, error rate, confusion counts, and each batch's
 * logits for who wants them. Validation, `eval` and `predict` are this one loop.
 */
#ifndef IC_SCORE_EVAL_H
#define IC_SCORE_EVAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "data/loader.h"
#include "graph/net.h"
#include "model/model.h"
#include "score/scores.h"

struct ic_eval_options {
    const struct ic_model *model;     /* size, fit and normalisation */
    const struct ic_dataset *dataset; /* labels are the model's, or -1: no label */
    const uint32_t *samples;          /* indices in the data set */
    size_t sample_count;
    enum ic_decode decode; /* of the pictures */
    int batch;             /* at most the net's */
    int workers;           /* at least 1 */

    /* Sets a batch of the net from `source`; pictures are not read then. NULL: the
     * pictures are the batch. */
    void (*input)(const void *source, struct ic_net *net, const struct ic_batch *batch);
    const void *source;

    /* Random views in place of the middle, by (seed, view): test-time augmentation. */
    bool random_views;
    uint64_t seed;
    uint32_t view;

    /* Is called for each picture that cannot be read, which is then left out; NULL: it
     * ends the evaluation with an error. ic_evaluate_tta does not read it. */
    void (*on_unreadable)(void *context, uint32_t sample, const struct ic_error *error);

    /* Ends the loop before the next batch when not zero; NULL: nothing does. */
    const atomic_int *stop;

    /* Called after each batch with its logits (batch->count x classes); NULL: not. */
    void (*on_batch)(void *context, const struct ic_batch *batch, const float *logits);
    void *context;
};

/* Pictures are taken in the order of `samples`, without any random choice. A logit that
 * is not finite is IC_ERR_NUMERIC and names the picture. */
ic_status ic_evaluate(struct ic_net *net, const struct ic_eval_options *options,
                      struct ic_scores *ret_scores, struct ic_error *error);

#endif
