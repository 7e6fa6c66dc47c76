/* SPDX-License-Identifier: MIT */
/*
 * Pages of HTML (WHATWG, "HTML Living Standard") for people: one file that holds its
 * style and its drawings, so that it can be sent, and read without a network or a
 * script; light or dark as the reader's system is, narrow or wide, and printable.
 *
 *     ic_page_open, parts from the top to the bottom, ic_page_commit
 *
 * Texts are escaped. Writing errors stick to the file and are told by the commit.
 */
#ifndef IC_REPORT_PAGE_H
#define IC_REPORT_PAGE_H

#include "base/file.h"

/* All zero is closed. */
struct ic_page {
    struct ic_file_writer writer; /* whoever writes a table's cells uses its stream */
};

/* Begins a page with its title, which is its heading, too. The file appears with the
 * commit. */
ic_status ic_page_open(struct ic_page *page, const char *path, const char *title,
                       struct ic_error *error);

/* Ends the page and puts the file in its place, atomically. Closes it in any case. */
ic_status ic_page_commit(struct ic_page *page, struct ic_error *error);

/* Forgets the page; nothing happens when it is closed. */
void ic_page_abort(struct ic_page *page);

void ic_page_heading(struct ic_page *page, const char *text);
void ic_page_paragraph(struct ic_page *page, const char *text);

/* A command line to copy. Without memory for it there is none. */
void ic_page_command(struct ic_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A list of facts: "term: value". */
void ic_page_facts_open(struct ic_page *page);
void ic_page_fact(struct ic_page *page, const char *term, const char *value);
void ic_page_facts_close(struct ic_page *page);

/* A table: its columns' names, NULL at the end; then rows of cells. The first cell of a
 * row is its heading. */
void ic_page_table_open(struct ic_page *page, const char *caption,
                        const char *const *columns);
void ic_page_row_open(struct ic_page *page, const char *heading);
void ic_page_cell(struct ic_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ic_page_row_close(struct ic_page *page);
void ic_page_table_close(struct ic_page *page);

/* The drawing of the SVG file at `path`, inside the page; `description` stands for it
 * where it is read aloud. */
ic_status ic_page_drawing(struct ic_page *page, const char *path,
                          const char *description, struct ic_error *error);

/* Links to the files beside the page of which the names are in `names`, NULL at the
 * end, and that are there. */
void ic_page_files(struct ic_page *page, const char *folder, const char *const *names);

#endif
