/* SPDX-License-Identifier: MIT */
/*
 * Draws how a run went: its losses and its error rate over the epochs.
 */
#ifndef IC_REPORT_RUN_CURVES_H
#define IC_REPORT_RUN_CURVES_H

#include "report/run_epochs.h"

/* Writes an SVG file, atomically. There must be at least one epoch. */
ic_status ic_run_curves_draw(const struct ic_run_epochs *epochs, const char *path,
                             struct ic_error *error);

#endif
