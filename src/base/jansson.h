/* SPDX-License-Identifier: MIT */
/*
 * libjansson, with its failed allocations noticed. Where a text buffer of jansson 2.14
 * cannot grow, characters are dropped without a word, when it reads and when it writes;
 * and a failed json_object_set_new leaves a key out. Every JSON text of im2cat is read
 * and written by the functions below, which see it.
 *
 * A thread counts its failures. A caller that builds a value and does not look at each
 * step's result takes the count before:
 *
 *     const unsigned before = ic_jansson_failures();
 *     ... json_object_set_new ...
 *     text = ic_jansson_dump(object, flags, before);
 */
#ifndef IC_BASE_JANSSON_H
#define IC_BASE_JANSSON_H

#include <jansson.h>
#include <stddef.h>

/* Allocations of libjansson that failed in this thread so far. */
unsigned ic_jansson_failures(void);

/* As json_loadb. Returns NULL for text that is not JSON, and where memory was missing.
 */
json_t *ic_jansson_load(const char *text, size_t size, size_t flags, json_error_t *why);

/* As json_dumps; the caller frees the text with free. Returns NULL where memory was
 * missing since the thread had counted `before` failures. */
char *ic_jansson_dump(const json_t *json, size_t flags, unsigned before);

#endif
