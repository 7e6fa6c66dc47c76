/* SPDX-License-Identifier: MIT */
/*
 * The page of a run: report.html in its folder, and the drawing curves.svg that is a
 * part of it.
 */
#ifndef IC_REPORT_RUN_PAGE_H
#define IC_REPORT_RUN_PAGE_H

#include "report/run_epochs.h"
#include "train/job.h"

/* Writes both from what stands in the run folder job->out, atomically each. A run
 * without a whole epoch has neither. *ret_epochs is what its table holds; the caller
 * frees it, also after a failure. */
ic_status ic_run_page_write(const struct ic_job *job, struct ic_run_epochs *ret_epochs,
                            struct ic_error *error);

#endif
