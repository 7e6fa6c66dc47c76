/* SPDX-License-Identifier: MIT */
/*
 * The learning-rate range test on a job: a short training with a rate that grows from
 * step to step, to see which rates lower the loss. The curve and its suggestion are in
 * lr_curve.h.
 *
 * It trains as the job's first phase would begin: with its data, network, start weights
 * and optimiser, and with the layers that are not frozen there. As in fastai, all
 * groups take the same rate, and the momentum stays at the optimiser's default.
 */
#ifndef IC_TRAIN_FIND_LR_H
#define IC_TRAIN_FIND_LR_H

#include <stdatomic.h>

#include "train/job.h"
#include "train/lr_curve.h"

/* Any function may be NULL. Pointers are valid during the call. */
struct ic_find_lr_events {
    void *context;
    void (*on_step)(void *context, const struct ic_lr_curve *curve, double seconds);
    void (*on_note)(void *context, const char *sentence); /* "x.jpg is left out: ..." */
};

/* Runs the test with at most `steps` steps; when an epoch has fewer batches, further
 * epochs follow. The job is first completed and checked in place (ic_job_check). Its
 * rates, epochs and run folder play no part in the test, and nothing is written.
 * Numbers that are not finite end the test and are no failure, unless it is too early
 * to suggest a rate (IC_ERR_NUMERIC).
 *
 * The caller frees the curve. When `stop` (may be NULL) was set before the end, the
 * curve is still IC_LR_GOES_ON and suggests nothing. */
ic_status ic_find_lr(struct ic_job *job, int steps,
                     const struct ic_find_lr_events *events, const atomic_int *stop,
                     struct ic_lr_curve *ret_curve, struct ic_error *error);

#endif
