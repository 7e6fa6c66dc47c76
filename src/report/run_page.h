/* SPDX-License-Identifier: MIT */
/*
 * The page of a run: report.html in its folder, and the drawing curves.svg that is a
 * part of it.
 */
#ifndef IC_REPORT_RUN_PAGE_H
#define IC_REPORT_RUN_PAGE_H

#include "report/run_epochs.h"
#include "train/job.h"

/* Writes both files, each atomically, from the contents of the run folder job->out. A
 * run without a whole epoch gets neither. *ret_epochs gets the content of the run's
 * table; the caller frees it, also after a failure. */
ic_status ic_run_page_write(const struct ic_job *job, struct ic_run_epochs *ret_epochs,
                            struct ic_error *error);

#endif
