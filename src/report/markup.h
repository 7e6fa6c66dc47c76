/* SPDX-License-Identifier: MIT */
/*
 * Text inside SVG and HTML.
 */
#ifndef IC_REPORT_MARKUP_H
#define IC_REPORT_MARKUP_H

#include <stdio.h>

/* Writes any text, in UTF-8 or not, between two tags or in a quoted attribute: what has
 * a meaning there is escaped, and what is no text becomes a question mark. */
void ic_markup_text(FILE *stream, const char *text);

#endif
