/* SPDX-License-Identifier: MIT */
/*
 * The course of a training: the phases of its recipe, their numbers of steps, the phase
 * that a position is in, and when a phase ends before its last epoch. It works with
 * numbers alone: no picture, no network, no file.
 *
 * Each phase is a training of its own, as in fastai: the optimiser, the average of the
 * train loss and the count of early stopping start from zero.
 *
 * Early stopping: a phase ends when --patience epochs in a row validated no better than
 * the phase's best epoch. Each phase counts for itself, as fastai's
 * EarlyStoppingCallback counts in each fit: the first epochs after unfreezing are often
 * worse than the last ones before it. A phase that follows one that ended early begins
 * as it would have anyway.
 */
#ifndef IC_TRAIN_COURSE_H
#define IC_TRAIN_COURSE_H

#include "train/job.h"
#include "train/run_position.h"

struct ic_course {
    struct ic_recipe recipe; /* a phase that ended early has the length it reached */
    int64_t epoch_batches;   /* steps of a whole epoch */
    int64_t max_steps;       /* of the job; 0: no limit */
    int patience;            /* of the job; 0: no phase ends early */

    int64_t steps; /* of the whole training */
    int epochs;    /* that at least begin */

    /* Of the position that was entered last: */
    int phase;           /* number of its phase */
    int64_t phase_epoch; /* first epoch of that phase */
};

/* The course of a complete job (ic_job_check), at its beginning. */
struct ic_course ic_course_make(const struct ic_job *job, int64_t epoch_batches);

/* Enters the phase that the position's epoch belongs to, and counts the steps, given
 * the phases that the position records as cut short. */
void ic_course_enter(struct ic_course *course, const struct ic_run_position *position);

/* The phase that was entered. */
const struct ic_phase *ic_course_phase(const struct ic_course *course);

/* Steps of the position's epoch; max_steps may cut the last one short. 0 at the end. */
int64_t ic_course_batches(const struct ic_course *course,
                          const struct ic_run_position *position);

/* Steps done in the phase that was entered. */
int64_t ic_course_phase_steps(const struct ic_course *course,
                              const struct ic_run_position *position);

/* Learning rates and momentum of the position's step. */
struct ic_rates ic_course_rates(const struct ic_course *course,
                                const struct ic_run_position *position);

/* What follows from the end of an epoch. */
struct ic_epoch_end {
    bool early;     /* --patience ended the phase before its last epoch */
    bool new_phase; /* the next epoch belongs to another phase */
};

/* Ends the position's epoch, given its validation: moves the position to the next epoch
 * and enters that epoch's phase. A new phase has seen no loss and no validation. */
struct ic_epoch_end ic_course_end_epoch(struct ic_course *course,
                                        struct ic_run_position *position,
                                        double error_rate, double valid_loss);

/* Whether a position that was read from the file `path` and entered can belong to this
 * course; else IC_ERR_FORMAT. */
ic_status ic_course_check(const struct ic_course *course,
                          const struct ic_run_position *position, const char *path,
                          struct ic_error *error);

/* Writes the sentence that says that phase number `phase` ended early, and why. */
void ic_course_describe_early_end(const struct ic_course *course, int phase, char *text,
                                  size_t size);

#endif
