/*
 * Takes the names of pictures apart. ASCII alone is looked at, in no locale, so that a
 * data set is the same on every machine.
 *
 * Source of the UTF-8 rules: RFC 3629, section 4.
 */
#include "data/name.h"

#include <string.h>
#include <strings.h>

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const char *ic_name_base(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash == NULL ? name : slash + 1;
}

const char *ic_name_ending(const char *name)
{
    const char *base = ic_name_base(name), *dot = strrchr(base, '.');
    const char *end = name + strlen(name);

    if (dot == NULL || dot == base || end - dot < 2 || end - dot > 6)
        return end;
    for (const char *c = dot + 1; c < end; c++)
        if (!is_letter_or_digit(*c))
            return end;
    return dot + 1;
}

size_t ic_name_stem_length(const char *name)
{
    const char *ending = ic_name_ending(name);

    return (size_t)(ending - name) - (*ending != '\0');
}

bool ic_name_has_ending(const char *name, const char *const *endings)
{
    const char *ending = ic_name_ending(name);

    for (; *endings != NULL; endings++)
        if (strcasecmp(ending, *endings) == 0)
            return true;
    return false;
}

bool ic_name_is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if (is_control(*name))
            return false;
    return true;
}

int ic_name_utf8_length(const char *name)
{
    const unsigned char *c = (const unsigned char *)name;
    int length;

    if (c[0] < 0x80)
        return 1;
    if (c[0] < 0xc2 || c[0] > 0xf4)
        return 0;
    length = c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    /* The second byte keeps out overlong forms, surrogates and what is past 10FFFF. */
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
        (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    for (int i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool ic_name_is_utf8(const char *name)
{
    while (*name != '\0') {
        const int length = ic_name_utf8_length(name);
        if (length == 0)
            return false;
        name += length;
    }
    return true;
}

char *ic_name_show(char *out, size_t size, const char *name, size_t length)
{
    size_t used = 0;

    for (; used < length && used + 1 < size; used++)
        out[used] = is_control(name[used]) ? '?' : name[used];
    out[used] = '\0';
    return out;
}
