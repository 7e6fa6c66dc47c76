/* SPDX-License-Identifier: MIT */
/*
 * Rows of the run's table. See table.h.
 */
#include "report/table.h"

#include <math.h>
#include <stdio.h>

void ic_table_header(char line[IC_TABLE_LINE])
{
    snprintf(line, IC_TABLE_LINE, "%-8s  %-10s  %-10s  %-10s  %s", "epoch",
             "train_loss", "valid_loss", "error_rate", "time");
}

void ic_table_row(char line[IC_TABLE_LINE], const struct ic_epoch_report *epoch)
{
    char time[32];

    ic_table_time(time, sizeof time, epoch->seconds);
    snprintf(line, IC_TABLE_LINE, "%-8d  %-10.6f  %-10.6f  %-10.6f  %s", epoch->epoch,
             epoch->train_loss, epoch->valid_loss, epoch->error_rate, time);
}

void ic_table_time(char *text, size_t size, double seconds)
{
    /* A clock cannot show more, and a rate of zero gives infinity. */
    const double longest = 1e9;
    const long whole = seconds >= 0 && seconds < longest ? lround(seconds) : -1;

    if (whole < 0)
        snprintf(text, size, "--:--");
    else if (whole < 3600)
        snprintf(text, size, "%02ld:%02ld", whole / 60, whole % 60);
    else
        snprintf(text, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                 whole % 60);
}
