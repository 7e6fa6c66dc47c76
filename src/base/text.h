/* SPDX-License-Identifier: MIT */
/*
 * Foreign text: names of files, tensors and classes, which may hold any byte.
 *
 * A control character is one of C0 (below U+0020), U+007F, C1 (U+0080 to U+009F), the
 * separators of lines and paragraphs (U+2028, U+2029), or one that turns the direction
 * of what is behind it (U+202A to U+202E, U+2066 to U+2069): each of them lets a name
 * break a line, drive a terminal, or show itself as another name.
 */
#ifndef IC_BASE_TEXT_H
#define IC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Bytes of the UTF-8 character that the text begins with, 0 where it is none. The zero
 * byte that ends a text is no part of one, so nothing behind it is read. */
int ic_text_utf8_length(const char *text);

/* Whether the character of `length` bytes that the text begins with is a control
 * character. */
bool ic_text_is_control(const char *text, int length);

/* Valid UTF-8: such a text can stand in JSON. */
bool ic_text_is_utf8(const char *text);

/* No control characters: such a text fits on a line of a list and in a table. Bytes
 * that are not UTF-8 are let through, since the names of files may hold them. */
bool ic_text_is_plain(const char *text);

/* Copies `length` bytes of the text, of which none is zero, into a message: '?' for
 * each control character and for each byte that is not UTF-8. Of a text that does not
 * fit into `size` bytes the end is left out, whole characters of it. Returns `out`,
 * which may be the text itself. */
char *ic_text_show(char *out, size_t size, const char *text, size_t length);

/* Does the same with a text in its place. */
void ic_text_clean(char *text);

/* Writes the text to a stream with the same replacements. */
void ic_text_write(FILE *stream, const char *text);

#endif
