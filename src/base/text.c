/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 and control characters. See text.h. The locale has no effect, so that a text is
 * shown the same on every machine.
 *
 * Source of the UTF-8 rules: RFC 3629, section 4. Source of the characters that change
 * the direction: Unicode Standard Annex 9, section 2.
 */
#include "base/text.h"

#include <string.h>

/* As ic_text_utf8_length, for a text that ends at `end`. */
static int length_before(const char *text, const char *end)
{
    const unsigned char *c = (const unsigned char *)text;
    int length;

    if (c[0] < 0x80)
        return 1;
    if (c[0] < 0xc2 || c[0] > 0xf4)
        return 0;
    length = c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    if (length > end - text)
        return 0;
    /* The second byte rules out overlong forms, surrogates and code points past 10FFFF.
     */
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
        (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    for (int i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

int ic_text_utf8_length(const char *text)
{
    return length_before(text, text + strnlen(text, 4));
}

bool ic_text_is_control(const char *text, int length)
{
    const unsigned char *c = (const unsigned char *)text;

    if (length == 1)
        return c[0] < 0x20 || c[0] == 0x7f;
    if (length == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    return length == 3 && c[0] == 0xe2 &&
           ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
            (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

bool ic_text_is_utf8(const char *text)
{
    while (*text != '\0') {
        const int length = ic_text_utf8_length(text);

        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

bool ic_text_is_plain(const char *text)
{
    while (*text != '\0') {
        const int length = ic_text_utf8_length(text);

        if (ic_text_is_control(text, length))
            return false;
        text += length > 0 ? length : 1;
    }
    return true;
}

char *ic_text_show(char *out, size_t size, const char *text, size_t length)
{
    const char *end = text + length;
    size_t used = 0;

    while (text < end) {
        const int bytes = length_before(text, end);
        const bool shown = bytes > 0 && !ic_text_is_control(text, bytes);

        if (used + (size_t)(shown ? bytes : 1) >= size)
            break;
        if (shown)
            memmove(out + used, text, (size_t)bytes);
        else
            out[used] = '?';
        used += shown ? (size_t)bytes : 1;
        text += bytes > 0 ? bytes : 1;
    }
    out[used] = '\0';
    return out;
}

void ic_text_clean(char *text)
{
    const size_t length = strlen(text);

    ic_text_show(text, length + 1, text, length);
}

void ic_text_write(FILE *stream, const char *text)
{
    while (*text != '\0') {
        const int length = ic_text_utf8_length(text);

        if (length == 0 || ic_text_is_control(text, length))
            fputc('?', stream);
        else
            fwrite(text, 1, (size_t)length, stream);
        text += length > 0 ? length : 1;
    }
}
