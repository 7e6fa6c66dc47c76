/* SPDX-License-Identifier: MIT */
/*
 * The report of an evaluation, a folder of files:
 *
 *   confusion.csv, confusion.svg    true classes against predicted classes
 *   classes.csv                     precision, recall and F1 of each class
 *   confused.csv                    pairs of classes, the most confused first
 *   top-losses.csv, top-losses.svg  the pictures with the largest losses
 *   index.html                      a page with all of it
 *
 * docs/formats.md has the columns.
 */
#ifndef IC_REPORT_EVAL_REPORT_H
#define IC_REPORT_EVAL_REPORT_H

#include "score/eval.h"
#include "score/top_losses.h"

struct ic_eval_report {
    const struct ic_model *model;
    const struct ic_dataset *dataset;
    const struct ic_scores *scores;
    const struct ic_top_losses *top; /* the pictures are read again */
    enum ic_decode decode;           /* as they were evaluated */
    int workers;                     /* at least 1 */
};

/* Makes the folder where it does not exist. Files of the same names in it are replaced,
 * each atomically; other files stay. */
ic_status ic_eval_report_write(const struct ic_eval_report *report, const char *folder,
                               struct ic_error *error);

#endif
