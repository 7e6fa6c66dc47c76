/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON (RFC 8259) step by step, without a tree in memory: a hostile body of some
 * megabytes of "[[],[]," costs no more memory than its own bytes. The caller says what
 * it expects. Strings are unescaped in place.
 *
 *     ic_json_begin(&json, bytes, size);
 *     ic_json_object(&json);
 *     while (ic_json_key(&json, &key))
 *         if (ic_json_is(&key, "id"))
 *             ic_json_string(&json, &id);
 *         else
 *             ic_json_skip(&json);
 *     status = ic_json_end(&json, error);
 *
 * After a failure every call fails, the loops end, and ic_json_end reports the first
 * failure.
 */
#ifndef IC_SERVE_JSON_READER_H
#define IC_SERVE_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { IC_JSON_DEPTH = 32 }; /* nested arrays and objects */

struct ic_json {
    uint8_t *begin, *at, *end;
    int depth;
    bool first; /* nothing was read from the innermost array or object */
    bool failed;
    char expected[128]; /* the first failure's words */
    size_t where;       /* its byte */
};

/* A string without its quotes: valid UTF-8, without zero bytes. */
struct ic_json_text {
    uint8_t *at;
    size_t size;
};

void ic_json_begin(struct ic_json *json, uint8_t *bytes, size_t size);

/* The first character of the next value: { [ " t f n, '0' for a number; 0: none. */
char ic_json_peek(struct ic_json *json);

/* Enters an object or array. The caller then asks for each key or item until there is
 * none, which leaves the object or array. A key's value must be read or skipped. */
bool ic_json_object(struct ic_json *json);
bool ic_json_key(struct ic_json *json, struct ic_json_text *key);
bool ic_json_array(struct ic_json *json);
bool ic_json_item(struct ic_json *json);

bool ic_json_string(struct ic_json *json, struct ic_json_text *text);
bool ic_json_bool(struct ic_json *json, bool *value);

/* Reads a whole number from 0 to `max`, without fraction or exponent. */
bool ic_json_whole(struct ic_json *json, uint64_t max, uint64_t *value);

/* Skips any value. It stays unchanged and may be read later. */
bool ic_json_skip(struct ic_json *json);

bool ic_json_is(const struct ic_json_text *text, const char *word);

/* Fails with what was expected here; returns false. */
bool ic_json_fail(struct ic_json *json, const char *expected);

/* Turns the failure into an error. */
ic_status ic_json_failure(const struct ic_json *json, struct ic_error *error);

/* Whether the JSON was valid up to its end, with nothing after it. */
ic_status ic_json_end(struct ic_json *json, struct ic_error *error);

#endif
