/* SPDX-License-Identifier: MIT */
/*
 * The progress line and its estimate of the remaining time. See progress.h.
 */
#include "report/progress.h"

#include <stdio.h>

#include "report/table.h"

/* Backward is twice the work of forward. */
static const double guessed_valid_speedup = 3;

static double rate_of(const struct ic_step_report *step)
{
    return step->epoch_seconds > 0 ? (double)step->epoch_images / step->epoch_seconds
                                   : 0;
}

/* Seconds until the job is done; -1 while nothing is known. */
static double seconds_left(const struct ic_progress *progress,
                           const struct ic_step_report *step)
{
    const double train = progress->train_rate;
    double valid = progress->valid_rate;

    if (valid <= 0)
        valid = guessed_valid_speedup * train;
    if ((train <= 0 && step->train_left > 0) || (valid <= 0 && step->valid_left > 0))
        return -1;
    return (step->train_left > 0 ? (double)step->train_left / train : 0) +
           (step->valid_left > 0 ? (double)step->valid_left / valid : 0);
}

void ic_progress_line(struct ic_progress *progress, char line[IC_PROGRESS_LINE],
                      const struct ic_step_report *step)
{
    const double rate = rate_of(step);
    char left[32];

    if (rate > 0 && step->validating)
        progress->valid_rate = rate;
    else if (rate > 0)
        progress->train_rate = rate;
    ic_table_time(left, sizeof left, seconds_left(progress, step));
    snprintf(line, IC_PROGRESS_LINE,
             "epoch %d/%d  %s %zu/%zu  loss %.4f  %.1f img/s  left %s", step->epoch + 1,
             step->epochs, step->validating ? "validating" : "step", step->batch,
             step->batches, step->smooth_loss, rate, left);
}
