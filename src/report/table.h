/* SPDX-License-Identifier: MIT */
/*
 * The table of a run as fastai prints it: one row per epoch.
 *
 *   epoch     train_loss  valid_loss  error_rate  time
 *   0         0.697131    0.660127    0.310000    00:41
 */
#ifndef IC_REPORT_TABLE_H
#define IC_REPORT_TABLE_H

#include <stddef.h>

#include "train/run.h"

/* Room for any line of this file, with its zero byte. */
#define IC_TABLE_LINE 160

/* Lines come without a line end. */
void ic_table_header(char line[IC_TABLE_LINE]);
void ic_table_row(char line[IC_TABLE_LINE], const struct ic_epoch_report *epoch);

/* "04:07" or "1:04:07". */
void ic_table_time(char *text, size_t size, double seconds);

#endif
