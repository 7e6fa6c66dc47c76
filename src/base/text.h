/* SPDX-License-Identifier: MIT */
/*
 * Foreign text: names of files, tensors and classes, which may hold any byte.
 *
 * A control character is one of C0 (below U+0020), U+007F, C1 (U+0080 to U+009F), the
 * separators of lines and paragraphs (U+2028, U+2029), or one that changes the
 * direction of the text after it (U+202A to U+202E, U+2066 to U+2069): each of them
 * lets a name break a line, drive a terminal, or pass for another name.
 */
#ifndef IC_BASE_TEXT_H
#define IC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Bytes of the UTF-8 character that the text begins with, 0 where it begins with none.
 * The final zero byte is part of no character, so nothing after it is read. */
int ic_text_utf8_length(const char *text);

/* Whether the character of `length` bytes that the text begins with is a control
 * character. */
bool ic_text_is_control(const char *text, int length);

/* Whether the text is valid UTF-8, so that JSON can contain it. */
bool ic_text_is_utf8(const char *text);

/* Whether the text has no control characters, so that it fits on a line of a list and
 * in a table. Bytes that are not UTF-8 are let through, since file names may hold them.
 */
bool ic_text_is_plain(const char *text);

/* Copies `length` bytes of the text, none of which is zero, into a message, with '?'
 * for each control character and for each byte that is not UTF-8. A text that does not
 * fit into `size` bytes is cut after a whole character. Returns `out`, which may be the
 * text itself. */
char *ic_text_show(char *out, size_t size, const char *text, size_t length);

/* Does the same to a text in place. */
void ic_text_clean(char *text);

/* Writes the text to a stream with the same replacements. */
void ic_text_write(FILE *stream, const char *text);

#endif
