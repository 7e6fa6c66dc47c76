/* SPDX-License-Identifier: MIT */
/*
 * One step of training: takes a batch, updates the weights, and returns the loss.
 *
 * A batch that is larger than the network's plan is computed in micro-batches, whose
 * gradients add up to those of the mean over the whole batch (gradient accumulation).
 * Batch norm takes each micro-batch's own statistics. Several ranks may compute the
 * micro-batches of a step; all of them come to the same weights.
 *
 * Every training loop uses it: a run (run.c) and a learning-rate finder.
 */
#ifndef IC_TRAIN_STEP_H
#define IC_TRAIN_STEP_H

#include "data/loader.h"
#include "model/model.h"
#include "train/features.h"
#include "train/mixup.h"
#include "train/optimizer.h"

/* What all steps of a training share. The caller owns everything. */
struct ic_stepper {
    struct ic_net *net;
    struct ic_optimizer *optimizer;
    const struct ic_model *model;       /* how pictures are normalised */
    const struct ic_features *features; /* in place of pictures, unless NULL */
    const struct ic_dataset *dataset;   /* names pictures in errors */
    uint64_t seed;                      /* of dropout and mixup */
    float label_smoothing;
    double clip_norm;       /* largest L2 norm of the gradients; 0: no limit */
    struct ic_mixup *mixup; /* then the net's plan must mix; NULL: no mixup */
    float *losses;          /* room for a batch */
    struct ic_comm *comm;   /* which the net has joined; NULL: this rank is alone */
    uint8_t *pictures;      /* room for a whole batch, where ranks mix; else NULL */
};

/* Runs step number `step` of the training, from 0: forward, loss, backward, update, and
 * waits for it. Returns the batch's mean loss, from before the update. A loss or
 * gradient that is not finite is refused as IC_ERR_NUMERIC (see numeric.h), and the
 * weights stay untouched.
 *
 * Ranks that share the step each compute their part of the batch and meet (comm.h). A
 * rank whose batch could not be loaded passes NULL and the reason in `error`: the step
 * fails on all ranks. `stop` (may be NULL) becomes true on all ranks where it is true
 * on one. */
ic_status ic_step(const struct ic_stepper *stepper, const struct ic_batch *batch,
                  int64_t step, const struct ic_rates *rates, double *ret_loss,
                  bool *stop, struct ic_error *error);

#endif
