/* SPDX-License-Identifier: MIT */
/*
 * The progress line: where the run stands, its rate, and how long it will still take.
 * Made here, printed by the program.
 */
#ifndef IC_REPORT_PROGRESS_H
#define IC_REPORT_PROGRESS_H

#include "train/run.h"

#define IC_PROGRESS_LINE 200

/* What earlier steps taught. All zero at first. */
struct ic_progress {
    double train_rate, valid_rate; /* pictures a second; 0: not known yet */
};

/* "epoch 3/10  step 121/400  loss 0.4312  8.1 img/s  left 12:40". The remaining time is
 * that of the whole job; until a validation was seen, its pictures count as a third of
 * the work of training (the forward pass alone). */
void ic_progress_line(struct ic_progress *progress, char line[IC_PROGRESS_LINE],
                      const struct ic_step_report *step);

#endif
