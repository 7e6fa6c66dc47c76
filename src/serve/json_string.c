/* SPDX-License-Identifier: MIT */
/*
 * Strings of JSON: escapes, and bytes that are not UTF-8. See json_reader.h.
 */
#include "serve/json_string.h"

#include <string.h>

#include "base/text.h"

/* --- strings ------------------------------------------------------------------- */

/* Reads four hexadecimal digits; -1 on failure. */
static int hexadecimal(struct ic_json *json)
{
    int value = 0;

    if (json->end - json->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        const uint8_t c = json->at[i];
        const char *digit =
            c != 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

        if (digit == NULL)
            return -1;
        value = value * 16 + (int)(digit - digits);
    }
    json->at += 4;
    return value;
}

/* The character of \uXXXX, or of two of these that form a surrogate pair; 0: none. */
static unsigned unicode(struct ic_json *json)
{
    const int high = hexadecimal(json);
    int low;

    if (high <= 0 || (high >= 0xdc00 && high < 0xe000))
        return 0;
    if (high < 0xd800 || high >= 0xe000)
        return (unsigned)high;
    if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
        return 0;
    json->at += 2;
    low = hexadecimal(json);
    if (low < 0xdc00 || low >= 0xe000)
        return 0;
    return 0x10000 + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00);
}

/* Writes a character as UTF-8, which is no longer than its escape. */
static uint8_t *put_utf8(uint8_t *out, unsigned c)
{
    if (c < 0x80) {
        *out++ = (uint8_t)c;
    } else if (c < 0x800) {
        *out++ = (uint8_t)(0xc0 | c >> 6);
        *out++ = (uint8_t)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (uint8_t)(0xe0 | c >> 12);
        *out++ = (uint8_t)(0x80 | (c >> 6 & 63));
        *out++ = (uint8_t)(0x80 | (c & 63));
    } else {
        *out++ = (uint8_t)(0xf0 | c >> 18);
        *out++ = (uint8_t)(0x80 | (c >> 12 & 63));
        *out++ = (uint8_t)(0x80 | (c >> 6 & 63));
        *out++ = (uint8_t)(0x80 | (c & 63));
    }
    return out;
}

/* Reads the escape after a backslash; returns NULL where it is not an escape. */
static uint8_t *unescape(struct ic_json *json, uint8_t *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const uint8_t c = json->at < json->end ? *json->at++ : 0;
    const char *found = c != 0 ? strchr(from, c) : NULL;
    unsigned character;

    if (found != NULL) {
        *out++ = (uint8_t)to[found - from];
        return out;
    }
    if (c != 'u' || (character = unicode(json)) == 0)
        return NULL;
    return put_utf8(out, character);
}

/* Copies one character that is not ASCII, if it is valid UTF-8. */
static uint8_t *copy_utf8(struct ic_json *json, uint8_t *out)
{
    char character[5] = {0};
    const size_t left = (size_t)(json->end - json->at);
    int length;

    memcpy(character, json->at, left < 4 ? left : 4);
    length = ic_text_utf8_length(character);
    if (length == 0)
        return NULL;
    memmove(out, json->at, (size_t)length);
    json->at += length;
    return out + length;
}

bool ic_json_scan_string(struct ic_json *json, struct ic_json_text *text, bool write)
{
    uint8_t *out, nowhere[4]; /* bytes of a character */

    text->at = out = json->at;
    while (json->at < json->end && *json->at != '"') {
        const uint8_t c = *json->at;

        out = write ? out : nowhere;
        if (c < 0x20)
            return ic_json_fail(json, "no control character within a string");
        if (c == '\\') {
            json->at++;
            out = unescape(json, out);
        } else if (c >= 0x80) {
            out = copy_utf8(json, out);
        } else {
            *out++ = c;
            json->at++;
        }
        if (out == NULL)
            return ic_json_fail(json, c == '\\' ? "an escape" : "UTF-8");
    }
    if (json->at == json->end)
        return ic_json_fail(json, "the end of a string");
    json->at++;
    text->size = write ? (size_t)(out - text->at) : 0;
    return true;
}
