/* SPDX-License-Identifier: MIT */
/*
 * What people see of a training run while it runs: the table on standard output, and on
 * standard error a progress line (a file there gets a plain line now and then); in the
 * run folder, a picture of the first batch.
 */
#ifndef IC_CLI_TRAIN_DISPLAY_H
#define IC_CLI_TRAIN_DISPLAY_H

#include "report/progress.h"
#include "train/run.h"

struct ic_train_display {
    bool quiet, terminal; /* of standard error */
    bool begun;           /* the run folder is there */
    bool line_open;       /* a progress line stands on the terminal */
    bool header;          /* the table's is printed */
    double next;          /* when the next one is due */
    struct ic_progress progress;
};

/* Says that the pictures in `data` are being read. */
void ic_train_display_open(struct ic_train_display *display, bool quiet,
                           const char *data);

/* For ic_train_run; they point at the display. */
struct ic_train_events ic_train_display_events(struct ic_train_display *display);

/* Takes the progress line away, before something else is printed. */
void ic_train_display_clear(struct ic_train_display *display);

#endif
