/* SPDX-License-Identifier: MIT */
/*
 * The progress line: the position of the run, its rate, and the remaining time. It is
 * made here and printed by the program.
 */
#ifndef IC_REPORT_PROGRESS_H
#define IC_REPORT_PROGRESS_H

#include "train/run.h"

#define IC_PROGRESS_LINE 200

/* The rates measured so far. All zero at first. */
struct ic_progress {
    double train_rate, valid_rate; /* pictures per second; 0: not known yet */
};

/* "epoch 3/10  step 121/400  loss 0.4312  8.1 img/s  left 12:40". The remaining time is
 * for the whole job. Until the first validation, its pictures count as a third of the
 * work of training (the forward pass alone). */
void ic_progress_line(struct ic_progress *progress, char line[IC_PROGRESS_LINE],
                      const struct ic_step_report *step);

#endif
