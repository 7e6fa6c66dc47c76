/* SPDX-License-Identifier: MIT */
/*
 * CSV fields. See csv.h.
 */
#include "report/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether a spreadsheet would compute the field instead of showing it (OWASP, "CSV
 * Injection"). A number may begin with a sign. */
static bool is_formula(const char *text)
{
    char *end;

    if (text[0] == '\0' || strchr("=+-@\t\r", text[0]) == NULL)
        return false;
    strtod(text, &end);
    return *end != '\0';
}

void ic_csv_field(FILE *stream, const char *text)
{
    const bool formula = is_formula(text);

    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputs(formula ? "\"'" : "\"", stream); /* an apostrophe means text there */
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream); /* twice */
        fputc(*text, stream);
    }
    fputc('"', stream);
}
