/* SPDX-License-Identifier: MIT */
/*
 * Reports on a run: where it begins, how far it is, and why it ended early.
 */
#ifndef IC_TRAIN_RUN_REPORT_H
#define IC_TRAIN_RUN_REPORT_H

#include "train/course.h"
#include "train/learner.h"

/* A report of the position and of the remaining work: steps of `batch` pictures, and
 * validations of `valid_count`. The rest of the report is zero. */
struct ic_step_report ic_run_report_position(const struct ic_course *course,
                                             const struct ic_run_position *position,
                                             int batch, size_t valid_count);

/* Reports the work ahead. */
void ic_run_report_start(const struct ic_listener *listener,
                         const struct ic_training_data *data,
                         const struct ic_learner *learner,
                         const struct ic_course *course,
                         const struct ic_run_position *position);

/* Notes that phase number `phase` ended early, and why. */
void ic_run_report_early_end(const struct ic_listener *listener,
                             const struct ic_course *course, int phase);

/* Notes where a resumed run continues, or that it is finished, and whether early. */
void ic_run_report_resume(const struct ic_listener *listener,
                          const struct ic_course *course,
                          const struct ic_run_position *position, const char *folder);

/* Notes each picture of a batch whose loss is not finite: the error has room for only a
 * few. */
void ic_run_report_pictures(const struct ic_listener *listener,
                            const struct ic_dataset *dataset,
                            const struct ic_batch *batch);

#endif
