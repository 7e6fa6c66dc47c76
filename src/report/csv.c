/* SPDX-License-Identifier: MIT */
/*
 * CSV fields. See csv.h.
 */
#include "report/csv.h"

#include <string.h>

void ic_csv_field(FILE *stream, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream); /* twice */
        fputc(*text, stream);
    }
    fputc('"', stream);
}
