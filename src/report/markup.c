/* SPDX-License-Identifier: MIT */
/*
 * Escapes text. See markup.h.
 */
#include "report/markup.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Whether a picture can show the character of `length` bytes, and XML may hold it:
 * U+FFFE and U+FFFF are not characters. */
static bool is_shown(const char *text, int length)
{
    const bool none = length == 3 && memcmp(text, "\xef\xbf", 2) == 0 &&
                      (unsigned char)text[2] >= 0xbe;

    return length > 0 && !none && !ic_text_is_control(text, length);
}

void ic_markup_text(FILE *stream, const char *text)
{
    while (*text != '\0') {
        const int length = ic_text_utf8_length(text);

        if (!is_shown(text, length))
            fputc('?', stream);
        else if (*text == '&')
            fputs("&amp;", stream);
        else if (*text == '<')
            fputs("&lt;", stream);
        else if (*text == '>')
            fputs("&gt;", stream);
        else if (*text == '"')
            fputs("&quot;", stream);
        else
            fwrite(text, 1, (size_t)length, stream);
        text += length > 0 ? length : 1;
    }
}
