/* SPDX-License-Identifier: MIT */
/*
 * Pages of HTML (WHATWG, "HTML Living Standard") for people. A page is one file that
 * holds its style and its drawings, so that it can be sent, and read without a network
 * or a script. It is light or dark as the reader's system is, narrow or wide, and
 * printable.
 *
 *     ic_page_open, parts from the top to the bottom, ic_page_commit
 *
 * Texts are escaped. Writing errors stick to the file, and the commit reports them.
 */
#ifndef IC_REPORT_PAGE_H
#define IC_REPORT_PAGE_H

#include "base/file.h"

/* All zero is closed. */
struct ic_page {
    struct ic_file_writer writer; /* code that writes table cells uses its stream */
};

/* Begins a page; its title is also its heading. The file appears with the commit. */
ic_status ic_page_open(struct ic_page *page, const char *path, const char *title,
                       struct ic_error *error);

/* Ends the page and puts the file in its place, atomically. Closes the page in any
 * case. */
ic_status ic_page_commit(struct ic_page *page, struct ic_error *error);

/* Discards the page; does nothing when it is closed. */
void ic_page_abort(struct ic_page *page);

void ic_page_heading(struct ic_page *page, const char *text);
void ic_page_paragraph(struct ic_page *page, const char *text);

/* A command line to copy. It is left out when memory is short. */
void ic_page_command(struct ic_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A list of facts: "term: value". */
void ic_page_facts_open(struct ic_page *page);
void ic_page_fact(struct ic_page *page, const char *term, const char *value);
void ic_page_facts_close(struct ic_page *page);

/* A table: the names of its columns, NULL at the end; then rows of cells. The first
 * cell of a row is the row's heading. */
void ic_page_table_open(struct ic_page *page, const char *caption,
                        const char *const *columns);
void ic_page_row_open(struct ic_page *page, const char *heading);
void ic_page_cell(struct ic_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ic_page_row_close(struct ic_page *page);
void ic_page_table_close(struct ic_page *page);

/* Embeds the drawing of the SVG file at `path`; `description` replaces it where the
 * page is read aloud. */
ic_status ic_page_drawing(struct ic_page *page, const char *path,
                          const char *description, struct ic_error *error);

/* Links to those of the files `names` (NULL at the end) that exist beside the page. */
void ic_page_files(struct ic_page *page, const char *folder, const char *const *names);

#endif
