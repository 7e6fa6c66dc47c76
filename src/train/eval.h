/*
 * A model on a set of pictures: loss, error rate, confusion counts, and each batch's
 * logits for who wants them. Validation, `eval` and `predict` are this one loop.
 */
#ifndef IC_TRAIN_EVAL_H
#define IC_TRAIN_EVAL_H

#include <signal.h>
#include <stdbool.h>

#include "data/loader.h"
#include "graph/net.h"
#include "model/model.h"
#include "train/features.h"

struct ic_eval_options {
    const struct ic_model *model;     /* size, fit and normalisation */
    const struct ic_dataset *dataset; /* labels are the model's, or -1: no label */
    const uint32_t *samples;          /* indices in the data set */
    size_t sample_count;
    const struct ic_features *features; /* in place of pictures, unless NULL */
    enum ic_decode decode;              /* of the pictures */
    int batch;                          /* at most the net's */
    int workers;                        /* at least 1 */

    /* Random views in place of the middle, by (seed, view): test-time augmentation. */
    bool draw;
    uint64_t seed;
    uint32_t view;

    /* Ends the loop before the next batch when not zero; NULL: nothing does. */
    const volatile sig_atomic_t *stop;

    /* Called after each batch with its logits (batch->count x classes); NULL: not. */
    void (*on_batch)(void *context, const struct ic_batch *batch, const float *logits);
    void *context;
};

/* Sums over the pictures that have a label. */
struct ic_scores {
    size_t images, wrong;
    double loss_sum;     /* of cross-entropies, without label smoothing */
    int classes;         /* of the model */
    uint64_t *confusion; /* [label * classes + predicted]; owned */
    bool stopped;        /* by the flag: the sums are those of the first part */
};

/* Pictures are taken in the order of `samples`, without any random choice. A logit that
 * is not finite is IC_ERR_NUMERIC and names the picture. */
ic_status ic_evaluate(struct ic_net *net, const struct ic_eval_options *options,
                      struct ic_scores *ret_scores, struct ic_error *error);
/* For those who make logits of their own: all zero for so many classes; one picture's
 * logits, false when one of them is not finite. `label` -1 counts nowhere. */
ic_status ic_scores_init(struct ic_scores *ret_scores, int classes,
                         struct ic_error *error);
bool ic_scores_add(struct ic_scores *scores, const float *logits, int label);
void ic_scores_free(struct ic_scores *scores); /* all zero is fine */

double ic_scores_loss(const struct ic_scores *scores);       /* the mean */
double ic_scores_error_rate(const struct ic_scores *scores); /* wrong / images */

#endif
