/* SPDX-License-Identifier: MIT */
/*
 * Escapes text inside SVG and HTML.
 */
#ifndef IC_REPORT_MARKUP_H
#define IC_REPORT_MARKUP_H

#include <stdio.h>

/* Writes any text, in UTF-8 or not, between two tags or in a quoted attribute:
 * characters with a meaning in markup are escaped, and bytes that are not text become
 * question marks. */
void ic_markup_text(FILE *stream, const char *text);

#endif
