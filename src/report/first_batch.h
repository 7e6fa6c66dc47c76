/* SPDX-License-Identifier: MIT */
/*
 * The first batch of a run as a contact sheet: it shows whether crop, augmentation and
 * classes are as intended before hours are spent.
 */
#ifndef IC_REPORT_FIRST_BATCH_H
#define IC_REPORT_FIRST_BATCH_H

#include "train/run.h"

#define IC_FIRST_BATCH_MOST 64 /* pictures */

/* Writes first-batch.svg into the run folder: the pictures after crop and augmentation,
 * each with its class. */
ic_status ic_first_batch_draw(const struct ic_first_batch_report *report,
                              struct ic_error *error);

#endif
