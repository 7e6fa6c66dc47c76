/* SPDX-License-Identifier: MIT */
/*
 * The epochs of a run, as in its table metrics.csv, including those from before a
 * resume.
 */
#ifndef IC_REPORT_RUN_EPOCHS_H
#define IC_REPORT_RUN_EPOCHS_H

#include <stddef.h>

#include "base/error.h"

struct ic_run_epoch {
    char phase[24]; /* as in the table: "frozen", "all", ... */
    int epoch;      /* of the phase, from 0 on */
    double train_loss, valid_loss, error_rate, seconds;
};

/* All zero is empty. */
struct ic_run_epochs {
    struct ic_run_epoch *items; /* owned */
    size_t count;
    size_t
        best; /* the epoch of best.safetensors: fewest errors, then the smallest loss */
};

/* Reads `folder`/metrics.csv. Refused: a table that is missing, or is not a run's. */
ic_status ic_run_epochs_read(struct ic_run_epochs *ret_epochs, const char *folder,
                             struct ic_error *error);
void ic_run_epochs_free(struct ic_run_epochs *epochs);

#endif
