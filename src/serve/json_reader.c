/* SPDX-License-Identifier: MIT */
/*
 * The steps of reading JSON. See json_reader.h.
 */
#include "serve/json_string.h"

#include <stdio.h>
#include <string.h>

void ic_json_begin(struct ic_json *json, uint8_t *bytes, size_t size)
{
    *json = (struct ic_json){.begin = bytes, .at = bytes, .end = bytes + size};
}

bool ic_json_fail(struct ic_json *json, const char *expected)
{
    if (!json->failed) {
        json->failed = true;
        json->where = (size_t)(json->at - json->begin);
        snprintf(json->expected, sizeof json->expected, "%s", expected);
    }
    return false;
}

bool ic_json_is(const struct ic_json_text *text, const char *word)
{
    return text->size == strlen(word) && memcmp(text->at, word, text->size) == 0;
}

ic_status ic_json_failure(const struct ic_json *json, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT,
                   "the request's JSON is invalid at byte %zu: expected %s",
                   json->where + 1, json->expected);
}

/* --- punctuation --------------------------------------------------------------- */

/* The next character that is not a space; 0 at the end. */
static uint8_t next(struct ic_json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' ||
                                    *json->at == '\n' || *json->at == '\r'))
        json->at++;
    return json->at < json->end ? *json->at : 0;
}

ic_status ic_json_end(struct ic_json *json, struct ic_error *error)
{
    next(json);
    if (json->at != json->end)
        ic_json_fail(json, "nothing after the value");
    return json->failed ? ic_json_failure(json, error) : IC_OK;
}

static bool take(struct ic_json *json, char character)
{
    if (json->failed || next(json) != (uint8_t)character || json->at == json->end)
        return false;
    json->at++;
    return true;
}

char ic_json_peek(struct ic_json *json)
{
    const uint8_t c = json->failed ? 0 : next(json);

    if (c == '-' || (c >= '0' && c <= '9'))
        return '0';
    return c != 0 && strchr("{[\"tfn", c) != NULL ? (char)c : 0;
}

static bool enter(struct ic_json *json, char bracket, const char *name)
{
    if (!take(json, bracket))
        return ic_json_fail(json, name);
    if (++json->depth > IC_JSON_DEPTH)
        return ic_json_fail(json, "at most 32 nested arrays and objects");
    json->first = true;
    return true;
}

/* Whether another item or key follows. Stops at the closing bracket where none does. */
static bool more(struct ic_json *json, char bracket)
{
    const bool first = json->first;

    if (json->failed)
        return false;
    json->first = false;
    if (take(json, bracket)) {
        json->depth--;
        return false;
    }
    if (first || take(json, ','))
        return true;
    return ic_json_fail(json, bracket == ']' ? "\",\" or \"]\"" : "\",\" or \"}\"");
}

bool ic_json_object(struct ic_json *json)
{
    return enter(json, '{', "an object");
}

bool ic_json_array(struct ic_json *json)
{
    return enter(json, '[', "an array");
}

bool ic_json_item(struct ic_json *json)
{
    return more(json, ']');
}

/* --- strings ------------------------------------------------------------------- */

static bool scan_string(struct ic_json *json, struct ic_json_text *text, bool write)
{
    return take(json, '"') ? ic_json_scan_string(json, text, write)
                           : ic_json_fail(json, "a string");
}

bool ic_json_string(struct ic_json *json, struct ic_json_text *text)
{
    return scan_string(json, text, true);
}

static bool read_key(struct ic_json *json, struct ic_json_text *key, bool write)
{
    if (!more(json, '}') || !scan_string(json, key, write))
        return false;
    return take(json, ':') || ic_json_fail(json, "\":\"");
}

bool ic_json_key(struct ic_json *json, struct ic_json_text *key)
{
    return read_key(json, key, true);
}

/* --- other values -------------------------------------------------------------- */

static bool word(struct ic_json *json, const char *text)
{
    const size_t length = strlen(text);

    if (json->failed || (next(json), (size_t)(json->end - json->at) < length) ||
        memcmp(json->at, text, length) != 0)
        return false;
    json->at += length;
    return true;
}

bool ic_json_bool(struct ic_json *json, bool *value)
{
    *value = word(json, "true");
    return *value || word(json, "false") || ic_json_fail(json, "true or false");
}

static bool is_digit(const struct ic_json *json)
{
    return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

bool ic_json_whole(struct ic_json *json, uint64_t max, uint64_t *value)
{
    char expected[80];
    uint8_t *begin;
    bool fits = true;

    *value = 0;
    if (!json->failed) {
        next(json);
        begin = json->at;
        for (; is_digit(json); json->at++) {
            const uint64_t digit = (uint64_t)(*json->at - '0');

            fits = fits && digit <= max && *value <= (max - digit) / 10;
            *value = fits ? *value * 10 + digit : 0;
        }
        if (fits && json->at > begin && (*begin != '0' || json->at == begin + 1) &&
            (json->at == json->end || !strchr(".eE", *json->at) || *json->at == 0))
            return true;
        json->at = begin;
    }
    snprintf(expected, sizeof expected, "a whole number from 0 to %llu",
             (unsigned long long)max);
    return ic_json_fail(json, expected);
}

static bool digits(struct ic_json *json)
{
    const uint8_t *begin = json->at;

    while (is_digit(json))
        json->at++;
    return json->at > begin;
}

/* -? int frac? exp? */
static bool skip_number(struct ic_json *json)
{
    bool right = true;

    if (*json->at == '-')
        json->at++;
    if (json->at < json->end && *json->at == '0')
        json->at++;
    else
        right = digits(json);
    if (right && json->at < json->end && *json->at == '.') {
        json->at++;
        right = digits(json);
    }
    if (right && json->at < json->end && (*json->at == 'e' || *json->at == 'E')) {
        json->at++;
        if (json->at < json->end && (*json->at == '+' || *json->at == '-'))
            json->at++;
        right = digits(json);
    }
    return right || ic_json_fail(json, "a number");
}

/* Skips a value that contains no other values. */
static bool skip_simple(struct ic_json *json)
{
    struct ic_json_text text;

    switch (ic_json_peek(json)) {
    case '"':
        return scan_string(json, &text, false);
    case '0':
        return skip_number(json);
    case 't':
    case 'f':
    case 'n':
        return word(json, "true") || word(json, "false") || word(json, "null") ||
               ic_json_fail(json, "a value");
    default:
        return ic_json_fail(json, "a value");
    }
}

/* Works without recursion: `inside` has a bit for each open array or object, 1 for an
 * object, with the innermost one lowest. */
bool ic_json_skip(struct ic_json *json)
{
    const int outside = json->depth;
    struct ic_json_text key;
    uint64_t inside = 0; /* IC_JSON_DEPTH bits suffice */

    for (;;) {
        const char kind = ic_json_peek(json);
        bool another;

        if (kind == '{' || kind == '[') {
            if (!(kind == '{' ? ic_json_object(json) : ic_json_array(json)))
                return false;
            inside = inside << 1 | (kind == '{');
        } else if (!skip_simple(json)) {
            return false;
        }
        do {
            if (json->depth == outside)
                return !json->failed;
            another = inside & 1 ? read_key(json, &key, false) : ic_json_item(json);
            if (json->failed)
                return false;
            if (!another)
                inside >>= 1;
        } while (!another);
    }
}
