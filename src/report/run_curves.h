/* SPDX-License-Identifier: MIT */
/*
 * How a run went, as a drawing: its losses and its error rate over the epochs.
 */
#ifndef IC_REPORT_RUN_CURVES_H
#define IC_REPORT_RUN_CURVES_H

#include "report/run_epochs.h"

/* Writes an SVG file, atomically, of at least one epoch. */
ic_status ic_run_curves_draw(const struct ic_run_epochs *epochs, const char *path,
                             struct ic_error *error);

#endif
