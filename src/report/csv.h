/* SPDX-License-Identifier: MIT */
/*
 * Fields of CSV files, quoted as in RFC 4180. Lines end with a line feed alone, as in a
 * run's tables.
 */
#ifndef IC_REPORT_CSV_H
#define IC_REPORT_CSV_H

#include <stdio.h>

/* Writes a field, in quotes where it needs them; the caller writes the commas. The
 * bytes are written unchanged, whether they are UTF-8 or not. A text that a spreadsheet
 * would compute as a formula ("=1+1", "@x", but not "-1") begins with an apostrophe. */
void ic_csv_field(FILE *stream, const char *text);

#endif
