/* SPDX-License-Identifier: MIT */
/*
 * Reads a CSV text row by row: RFC 4180 and spreadsheets' variants of it. Cells are
 * separated by commas, or by semicolons or tabs where the first row has no comma; rows
 * end with a line feed, with or without a carriage return. A byte order mark and rows
 * with nothing but blanks are skipped.
 */
#ifndef IC_BASE_CSV_READER_H
#define IC_BASE_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

enum { IC_CSV_CELLS = 32 }; /* per row; cells beyond are not read */

struct ic_csv_reader {
    char *at, *end;
    char separator;
    unsigned line; /* of the file, from 1, that contains `at` */
};

struct ic_csv_row {
    char *cells[IC_CSV_CELLS]; /* in the text; without quotes and outer blanks */
    int count;
    unsigned line; /* on which the row begins */
    bool unclosed; /* the last cell's opening quote is never closed */
};

/* Starts to read a text of `size` bytes; the byte after it must be writable. The text
 * belongs to the caller, must outlive the rows, and is changed: cells are cut out of
 * it. */
void ic_csv_reader_open(struct ic_csv_reader *reader, char *text, size_t size);

/* Reads the next row; false at the end of the text. */
bool ic_csv_reader_next(struct ic_csv_reader *reader, struct ic_csv_row *ret_row);

#endif
