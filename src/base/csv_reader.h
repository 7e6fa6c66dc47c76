/* SPDX-License-Identifier: MIT */
/*
 * Reads a CSV text row by row: RFC 4180, and what spreadsheets make of it. Cells are
 * separated by commas, or by semicolons or tabs where the first row has no comma; rows
 * end with a line feed, with or without a carriage return. A byte order mark is skipped
 * and so are rows with nothing but blanks.
 */
#ifndef IC_BASE_CSV_READER_H
#define IC_BASE_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

enum { IC_CSV_CELLS = 32 }; /* of a row; the ones behind are not read */

struct ic_csv_reader {
    char *at, *end;
    char separator;
    unsigned line; /* of the file, from 1 on, that `at` stands in */
};

struct ic_csv_row {
    char *cells[IC_CSV_CELLS]; /* in the text; without quotes and outer blanks */
    int count;
    unsigned line; /* where it begins */
    bool unclosed; /* its last cell begins with a quote that nothing closes */
};

/* Begins with a text of `size` bytes, behind which one more byte may be written. The
 * text is the caller's, stays in place as long as rows are used, and is changed: cells
 * are cut out of it. */
void ic_csv_reader_open(struct ic_csv_reader *reader, char *text, size_t size);

/* False at the end of the text. */
bool ic_csv_reader_next(struct ic_csv_reader *reader, struct ic_csv_row *ret_row);

#endif
