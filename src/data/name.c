/* SPDX-License-Identifier: MIT */
/*
 * Takes the names of pictures apart. Only ASCII is looked at, without a locale, so that
 * a data set is the same on every machine.
 */
#include "data/name.h"

#include <string.h>
#include <strings.h>

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
