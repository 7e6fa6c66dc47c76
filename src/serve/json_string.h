/* SPDX-License-Identifier: MIT */
/*
 * The strings of the JSON reader; private to it.
 */
#ifndef IC_SERVE_JSON_STRING_H
#define IC_SERVE_JSON_STRING_H

#include "serve/json_reader.h"

/* Skips a string, from after its first quote through its last. With `write` the string
 * is unescaped in place; otherwise the text is empty. */
bool ic_json_scan_string(struct ic_json *json, struct ic_json_text *text, bool write);

#endif
