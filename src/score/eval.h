/* SPDX-License-Identifier: MIT */
/*
 * Evaluates a model on a set of pictures: loss, error rate, confusion counts, and each
 * batch's logits on request. Validation, `eval` and `predict` share this loop.
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

    /* Sets a batch of the net from `source`, without reading pictures. NULL: the batch
     * is the decoded pictures. */
    void (*input)(const void *source, struct ic_net *net, const struct ic_batch *batch);
    const void *source;

    /* Random views, drawn by (seed, view), in place of the middle: test-time
     * augmentation. */
    bool random_views;
    uint64_t seed;
    uint32_t view;

    /* Called for each unreadable picture, which is then left out; NULL: an unreadable
     * picture ends the evaluation with an error. ic_evaluate_tta ignores it. */
    void (*on_unreadable)(void *context, uint32_t sample, const struct ic_error *error);

    /* A nonzero value ends the loop before the next batch; NULL: no such flag. */
    const atomic_int *stop;

    /* Called after each batch with its logits (batch->count x classes); may be NULL. */
    void (*on_batch)(void *context, const struct ic_batch *batch, const float *logits);
    void *context;
};

/* Evaluates the pictures in the order of `samples`, without any random choice. A logit
 * that is not finite gives IC_ERR_NUMERIC, which names the picture. */
ic_status ic_evaluate(struct ic_net *net, const struct ic_eval_options *options,
                      struct ic_scores *ret_scores, struct ic_error *error);

#endif
