/* SPDX-License-Identifier: MIT */
/*
 * A contact sheet: a grid of square pictures with lines of text below each, as one SVG
 * file that holds the pictures.
 *
 *     ic_contact_sheet_open, ic_contact_sheet_add for each picture, .._commit
 */
#ifndef IC_REPORT_CONTACT_SHEET_H
#define IC_REPORT_CONTACT_SHEET_H

#include "report/svg.h"

#define IC_CONTACT_SHEET_LINES 4

/* All zero is closed. */
struct ic_contact_sheet {
    struct ic_svg svg;
    int count, lines, columns; /* pictures, lines below each, pictures per row */
    int added;
};

/* Begins a sheet of `count` pictures, each with `lines` lines of text. `heading` is
 * above all pictures. */
ic_status ic_contact_sheet_open(struct ic_contact_sheet *sheet, const char *path,
                                int count, int lines, const char *heading,
                                struct ic_error *error);

/* Adds the next picture: `size` x `size` pixels, 8-bit RGB (size, size, 3). `lines` are
 * shortened to the picture's width. `frame` is the colour of a frame around the picture;
 * NULL: no frame. At most `count` pictures. */
ic_status ic_contact_sheet_add(struct ic_contact_sheet *sheet, uint8_t *rgb, int size,
                               const char *const *lines, const char *frame,
                               struct ic_error *error);

/* Puts the file in its place, atomically. Closes the sheet in any case. */
ic_status ic_contact_sheet_commit(struct ic_contact_sheet *sheet,
                                  struct ic_error *error);

/* Discards the sheet; does nothing when it is closed. */
void ic_contact_sheet_abort(struct ic_contact_sheet *sheet);

#endif
