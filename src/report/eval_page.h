/* SPDX-License-Identifier: MIT */
/*
 * The page of an evaluation's report: its figures, and the report's drawings.
 */
#ifndef IC_REPORT_EVAL_PAGE_H
#define IC_REPORT_EVAL_PAGE_H

#include "report/eval_report.h"

/* Writes `folder`/index.html, atomically; confusion.svg and top-losses.svg must already
 * be in the folder. */
ic_status ic_eval_page_write(const struct ic_eval_report *report, const char *folder,
                             struct ic_error *error);

#endif
