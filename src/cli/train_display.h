/* SPDX-License-Identifier: MIT */
/*
 * The display of a training run: the table on standard output, a progress line on
 * standard error (a plain line now and then if that is a file), and a picture of the
 * first batch in the run folder.
 */
#ifndef IC_CLI_TRAIN_DISPLAY_H
#define IC_CLI_TRAIN_DISPLAY_H

#include "report/progress.h"
#include "train/run.h"

struct ic_train_display {
    bool quiet, terminal; /* of standard error */
    bool begun;           /* the run folder exists */
    bool line_open;       /* the terminal shows a progress line */
    bool header;          /* the table's header is printed */
    double next;          /* when the next progress line is due */
    struct ic_progress progress;
};

/* Says that the pictures in `data` are being read. */
void ic_train_display_open(struct ic_train_display *display, bool quiet,
                           const char *data);

/* Events for ic_train_run; they point to the display. */
struct ic_train_events ic_train_display_events(struct ic_train_display *display);

/* Removes the progress line before other output. */
void ic_train_display_clear(struct ic_train_display *display);

#endif
