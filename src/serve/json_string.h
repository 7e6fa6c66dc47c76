/* SPDX-License-Identifier: MIT */
/*
 * The strings of the JSON reader; private to it.
 */
#ifndef IC_SERVE_JSON_STRING_H
#define IC_SERVE_JSON_STRING_H

#include "serve/json_reader.h"

/* Passes over a string, behind its first quote, and its last; `write` unescapes it in
 * its place, and else the text is empty. */
bool ic_json_scan_string(struct ic_json *json, struct ic_json_text *text, bool write);

#endif
