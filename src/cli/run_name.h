/* SPDX-License-Identifier: MIT */
/*
 * Names the folder of a run without --out.
 */
#ifndef IC_CLI_RUN_NAME_H
#define IC_CLI_RUN_NAME_H

#include "train/job.h"

/* Makes runs/DATA-ARCH, or the first of runs/DATA-ARCH-2 ... that does not exist, so
 * that of several runs that start at once each gets its own. Without `reserve` it only
 * names the folder. The caller frees *ret_name. */
ic_status ic_run_name(const struct ic_job *job, bool reserve, char **ret_name,
                      struct ic_error *error);

/* Removes the folder that was made, unless the run has put something into it. */
void ic_run_name_give_back(const char *name);

#endif
