/* SPDX-License-Identifier: MIT */
/*
 * The common part of the completions. See completion.h.
 */
#include "cli/completion.h"

#include <ctype.h>
#include <string.h>

bool ic_completion_has_words(const struct ic_option *option)
{
    return option->choices != NULL ||
           (option->value != NULL && strchr(option->value, '|') != NULL);
}

void ic_completion_words(FILE *stream, const struct ic_option *option)
{
    const char *separator = "";

    if (option->choices != NULL) {
        for (const char *const *c = option->choices; *c != NULL; c++)
            fprintf(stream, "%s%s", c == option->choices ? "" : " ", *c);
        return;
    }
    for (const char *word = option->value; *word != '\0';) {
        const int length = (int)strcspn(word, "|");

        if (islower((unsigned char)*word)) {
            fprintf(stream, "%s%.*s", separator, length, word);
            separator = " ";
        }
        word += length + (word[length] == '|');
    }
}

enum ic_completion_value ic_completion_value_of(const struct ic_option *option)
{
    if (option->type == IC_OPTION_FLAG)
        return IC_COMPLETION_NONE;
    if (option->value == NULL)
        return IC_COMPLETION_OTHER;
    if (strcmp(option->value, "DIR") == 0)
        return IC_COMPLETION_FOLDER;
    return strstr(option->value, "FILE") != NULL ||
                   strstr(option->value, "PREFIX") != NULL
               ? IC_COMPLETION_FILE
               : IC_COMPLETION_OTHER;
}

void ic_completion_text(FILE *stream, const char *text, const char *quote,
                        const char *special)
{
    for (; *text != '\0' && *text != ';' && *text != ':' && *text != '\n'; text++) {
        if (*text == '\'') {
            fputs(quote, stream);
            continue;
        }
        if (strchr(special, *text) != NULL)
            fputc('\\', stream);
        fputc(*text, stream);
    }
}
