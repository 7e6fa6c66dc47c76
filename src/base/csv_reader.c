/* SPDX-License-Identifier: MIT */
/*
 * Reads CSV. See csv_reader.h.
 */
#include "base/csv_reader.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A comma where the first line has one outside quotes, else the first semicolon or tab
 * outside quotes; a comma again where it has neither. */
static char find_separator(const char *at, const char *end)
{
    char found = ',';
    bool quoted = false;

    for (; at < end && (quoted || *at != '\n'); at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (!quoted && *at == ',')
            return ',';
        else if (!quoted && found == ',' && (*at == ';' || *at == '\t'))
            found = *at;
    }
    return found;
}

void ic_csv_reader_open(struct ic_csv_reader *reader, char *text, size_t size)
{
    const size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    *reader = (struct ic_csv_reader){
        .at = text + mark,
        .end = text + size,
        .separator = find_separator(text + mark, text + size),
        .line = 1,
    };
}

/* Unquotes a cell in place, each doubled quote to one, and returns the cell's end. The
 * reader is then after the closing quote. */
static char *read_quoted(struct ic_csv_reader *reader, struct ic_csv_row *row)
{
    char *to = reader->at;

    for (reader->at++; reader->at < reader->end; reader->at++) {
        if (*reader->at == '"') {
            if (reader->at + 1 == reader->end || reader->at[1] != '"') {
                reader->at++;
                return to;
            }
            reader->at++;
        }
        reader->line += *reader->at == '\n';
        *to++ = *reader->at;
    }
    row->unclosed = true;
    return to;
}

/* Reads the cell at the reader's position, up to the separator or the end of the row.
 */
static void read_cell(struct ic_csv_reader *reader, struct ic_csv_row *row)
{
    const char separator = reader->separator;
    char *start, *stop;

    while (reader->at < reader->end && is_blank(*reader->at) &&
           *reader->at != separator)
        reader->at++;
    start = stop = reader->at;
    if (reader->at < reader->end && *reader->at == '"')
        stop = read_quoted(reader, row);
    for (; reader->at < reader->end && *reader->at != separator && *reader->at != '\n';
         reader->at++)
        *stop++ = *reader->at;
    while (stop > start && (is_blank(stop[-1]) || stop[-1] == '\r'))
        stop--;
    if (row->count < IC_CSV_CELLS) {
        row->cells[row->count++] = start;
        /* Where nothing was trimmed, the caller's zero replaces the separator. */
        if (stop < reader->at)
            *stop = '\0';
    }
}

bool ic_csv_reader_next(struct ic_csv_reader *reader, struct ic_csv_row *ret_row)
{
    while (reader->at < reader->end) {
        bool more = true;

        *ret_row = (struct ic_csv_row){.line = reader->line};
        while (more) {
            char *stop;

            read_cell(reader, ret_row);
            stop = reader->at;
            more = stop < reader->end && *stop == reader->separator;
            if (stop < reader->end) {
                reader->line += *stop == '\n';
                reader->at++;
            }
            *stop = '\0';
        }
        if (ret_row->count > 1 || ret_row->unclosed || *ret_row->cells[0] != '\0')
            return true;
    }
    return false;
}
