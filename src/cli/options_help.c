/* SPDX-License-Identifier: MIT */
/*
 * The help of an options table, for a terminal of 80 columns.
 */
#include "cli/options.h"

#include <string.h>

#define WIDTH  79
#define COLUMN 24 /* where the explanations begin */

void ic_options_wrap(FILE *stream, const char *text, int column, int indent)
{
    bool first = true; /* on this line */

    while (*text != '\0') {
        const int length = (int)strcspn(text, " \n");
        const bool fits = column + !first + length <= WIDTH;

        if (!fits && !first) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        fprintf(stream, "%s%.*s", first ? "" : " ", length, text);
        column += !first + length;
        first = false;
        text += length;
        if (*text == '\n') {
            fprintf(stream, "\n%*s", text[1] == '\0' ? 0 : indent, "");
            column = indent;
            first = true;
        }
        text += *text != '\0';
    }
}

/* Writes what follows the explanation: the range and the default, or nothing. */
static void describe(const struct ic_option *option, char *out, size_t size)
{
    const char *fallback = option->fallback ? option->fallback : option->unset;
    char range[80];

    ic_option_range(option, range, sizeof range);
    if (option->required)
        snprintf(out, size, " (required)");
    else if (range[0] != '\0' && fallback != NULL)
        snprintf(out, size, " (%s; default %s)", range, fallback);
    else if (fallback != NULL)
        snprintf(out, size, " (default %s)", fallback);
    else
        out[0] = '\0';
}

void ic_options_help(const struct ic_option *table, FILE *stream)
{
    for (; table->name != NULL; table++) {
        char head[160], tail[300], text[800];
        size_t used = (size_t)snprintf(head, sizeof head, "  --%s", table->name);

        if (table->choices != NULL)
            for (const char *const *c = table->choices; *c != NULL; c++)
                used += (size_t)snprintf(head + used, sizeof head - used, "%c%s",
                                         c == table->choices ? ' ' : '|', *c);
        else if (table->value != NULL)
            snprintf(head + used, sizeof head - used, " %s", table->value);
        if (table->group != NULL)
            fprintf(stream, "\n%s:\n", table->group);
        describe(table, tail, sizeof tail);
        snprintf(text, sizeof text, "%s%s", table->help, tail);

        if (strlen(head) + 2 <= COLUMN)
            fprintf(stream, "%-*s", COLUMN, head);
        else
            fprintf(stream, "%s\n%*s", head, COLUMN, "");
        ic_options_wrap(stream, text, COLUMN, COLUMN);
        fputc('\n', stream);
    }
}
