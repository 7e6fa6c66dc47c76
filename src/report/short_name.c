/* SPDX-License-Identifier: MIT */
/*
 * Shortens names in the middle. See short_name.h.
 */
#include "report/short_name.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* The position in the name after `count` characters. */
static const char *skip(const char *name, int count)
{
    for (; count > 0; count--) {
        const int length = ic_text_utf8_length(name);
        name += length > 0 ? length : 1;
    }
    return name;
}

int ic_short_name_length(const char *name)
{
    int length = 0;

    for (; *name != '\0'; name = skip(name, 1))
        length++;
    return length;
}

char *ic_short_name(char out[IC_SHORT_NAME_SIZE], const char *name, int limit)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    const int length = ic_short_name_length(name);
    const int tail = (limit - 1) / 2, head = limit - 1 - tail;
    size_t bytes;

    assert(limit >= 3 && limit <= IC_SHORT_NAME_MAX);
    if (length <= limit)
        return strcpy(out, name);
    bytes = (size_t)(skip(name, head) - name);
    memcpy(out, name, bytes);
    memcpy(out + bytes, ellipsis, sizeof ellipsis - 1);
    strcpy(out + bytes + sizeof ellipsis - 1, skip(name, length - tail));
    return out;
}
