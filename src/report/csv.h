/* SPDX-License-Identifier: MIT */
/*
 * Fields of CSV files, quoted as RFC 4180 says. Lines end with a line feed alone, as
 * those of a run's tables do.
 */
#ifndef IC_REPORT_CSV_H
#define IC_REPORT_CSV_H

#include <stdio.h>

/* Writes a field, in quotes where it needs them; the caller writes the commas. Its
 * bytes stay as they are, in UTF-8 or not. */
void ic_csv_field(FILE *stream, const char *text);

#endif
