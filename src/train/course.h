/* SPDX-License-Identifier: MIT */
/*
 * The course of a training: the phases of its recipe, how many steps they are, which
 * phase a position stands in, and when a phase ends before its last epoch. It is made
 * of numbers alone: no picture, no network, no file.
 *
 * Each phase is a training of its own, as in fastai: the optimiser, the
 * average of the train loss and the count of early stopping start from zero.
 *
 * Early stopping: a phase ends when --patience epochs in a row validated no better than
 * its best one. Each phase counts for itself, as fastai's EarlyStoppingCallback counts
 * in each fit: the first epochs after unfreezing are often worse than the last ones
 * before. The phase after one that ended early begins as it would have begun.
 */
#ifndef IC_TRAIN_COURSE_H
#define IC_TRAIN_COURSE_H

#include "train/job.h"
#include "train/run_position.h"

struct ic_course {
    struct ic_recipe recipe; /* a phase that ended early is as long as it came to be */
    int64_t epoch_batches;   /* steps of a whole epoch */
    int64_t max_steps;       /* of the job; 0: no limit */
    int patience;            /* of the job; 0: no phase ends early */

    int64_t steps; /* of the whole training */
    int epochs;    /* that are at least begun */

    /* Of the position that was entered last: */
    int phase;           /* number of its phase */
    int64_t phase_epoch; /* first epoch of that phase */
};

/* The course of a complete job (ic_job_check), at its beginning. */
struct ic_course ic_course_make(const struct ic_job *job, int64_t epoch_batches);

/* Enters the phase that the position's epoch belongs to, and counts the steps with the
 * phases that the position says were cut short. */
void ic_course_enter(struct ic_course *course, const struct ic_run_position *position);

/* The phase that was entered. */
const struct ic_phase *ic_course_phase(const struct ic_course *course);

/* Steps of the position's epoch; max_steps may cut the last one short. 0 at the end. */
int64_t ic_course_batches(const struct ic_course *course,
                          const struct ic_run_position *position);

/* Steps done in the phase that was entered. */
int64_t ic_course_phase_steps(const struct ic_course *course,
                              const struct ic_run_position *position);

/* Learning rates and momentum of the step that the position stands at. */
struct ic_rates ic_course_rates(const struct ic_course *course,
                                const struct ic_run_position *position);

/* What the end of an epoch brings. */
struct ic_epoch_end {
    bool early;     /* the phase, which was not at its end, ended by --patience */
    bool new_phase; /* the next epoch belongs to another phase */
};

/* Ends the position's epoch, which validated so: moves the position to the next epoch
 * and enters that one's phase. A new phase has seen no loss and no validation. */
struct ic_epoch_end ic_course_end_epoch(struct ic_course *course,
                                        struct ic_run_position *position,
                                        double error_rate, double valid_loss);

/* Whether a position, which was read from the file `path` and entered, can be one of
 * this course; else IC_ERR_FORMAT. */
ic_status ic_course_check(const struct ic_course *course,
                          const struct ic_run_position *position, const char *path,
                          struct ic_error *error);

/* Writes the sentence that says that a phase (by number) ended early, and why. */
void ic_course_describe_early_end(const struct ic_course *course, int phase, char *text,
                                  size_t size);

#endif
