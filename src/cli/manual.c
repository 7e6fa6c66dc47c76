/* SPDX-License-Identifier: MIT */
/*
 * The manual page's section on the commands. See manual.h.
 */
#include "cli/manual.h"

#include <ctype.h>
#include <string.h>

#include "cli/command.h"

#define WIDTH 88 /* of a line of roff */

/* --- roff ---------------------------------------------------------------------- */

/* Prints a word with its dashes and backslashes escaped; returns its columns. */
static int print_word(FILE *stream, const char *word, int length)
{
    int columns = 0;

    if (length > 0 && (word[0] == '.' || word[0] == '\''))
        columns += fprintf(stream, "\\&");
    for (int i = 0; i < length; i++) {
        if (word[i] == '-')
            columns += fprintf(stream, "\\-");
        else if (word[i] == '\\')
            columns += fprintf(stream, "\\e");
        else
            columns += fprintf(stream, "%c", word[i]);
    }
    return columns;
}

/* Prints words in lines. A line end in the text is a line end on the page. */
static void print_text(FILE *stream, const char *text)
{
    int column = 0;

    while (*text != '\0') {
        const int length = (int)strcspn(text, " \n");

        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', stream);
            column = 0;
        } else if (column > 0) {
            fputc(' ', stream);
            column++;
        }
        column += print_word(stream, text, length);
        text += length;
        if (*text == '\n' && text[1] != '\0') {
            fputs("\n.br\n", stream);
            column = 0;
        }
        text += *text != '\0';
    }
    if (column > 0)
        fputc('\n', stream);
}

/* Prints a clause of the help as a sentence. */
static void print_sentence(FILE *stream, const char *clause)
{
    const size_t length = strlen(clause);
    char text[1000];

    snprintf(text, sizeof text, "%s%s", clause, clause[length - 1] == '.' ? "" : ".");
    text[0] = (char)toupper((unsigned char)text[0]);
    print_text(stream, text);
}

static void print_name(FILE *stream, const char *name)
{
    print_word(stream, "--", 2);
    print_word(stream, name, (int)strlen(name));
}

/* --- one option ---------------------------------------------------------------- */

/* Prints "From 1 to 64; default 16." */
static void print_range(FILE *stream, const struct ic_option *option)
{
    const char *fallback = option->fallback ? option->fallback : option->unset;
    char range[80], clause[300];

    ic_option_range(option, range, sizeof range);
    if (option->required)
        print_sentence(stream, "required");
    else if (range[0] != '\0' && fallback != NULL) {
        snprintf(clause, sizeof clause, "%s; default %s", range, fallback);
        print_sentence(stream, clause);
    } else if (fallback != NULL) {
        snprintf(clause, sizeof clause, "default: %s", fallback);
        print_sentence(stream, clause);
    }
}

static void print_option(FILE *stream, const struct ic_option *option)
{
    fputs(".TP\n", stream);
    if (option->type == IC_OPTION_FLAG) {
        fputs(".B ", stream);
        print_name(stream, option->name);
    } else if (option->choices != NULL) {
        fputs(".BR ", stream);
        print_name(stream, option->name);
        for (const char *const *c = option->choices; *c != NULL; c++) {
            fputs(c == option->choices ? " \" " : "|", stream);
            print_word(stream, *c, (int)strlen(*c));
        }
        fputc('"', stream);
    } else {
        fputs(".BI ", stream);
        print_name(stream, option->name);
        fprintf(stream, " \" %s\"", option->value);
    }
    fputc('\n', stream);
    print_sentence(stream, option->help);
    if (option->more != NULL)
        print_text(stream, option->more);
    print_range(stream, option);
}

/* --- a command ----------------------------------------------------------------- */

static bool is_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The first command before this one that describes the option in the same words. */
static const struct ic_command *described_before(const struct ic_command *command,
                                                 const struct ic_option *option)
{
    for (const struct ic_command *const *c = ic_commands; *c != command; c++) {
        const struct ic_option *other =
            ic_option_find((*c)->options, option->name, strlen(option->name));

        if (other != NULL && is_same(other->help, option->help) &&
            is_same(other->fallback, option->fallback) &&
            is_same(other->unset, option->unset) && other->choices == option->choices)
            return *c;
    }
    return NULL;
}

/* Lists the options that `before` has described: their names, then where to look. */
static void print_same_options(FILE *stream, const struct ic_command *command,
                               const struct ic_command *before)
{
    bool first = true;

    for (const struct ic_option *o = command->options; o->name != NULL; o++) {
        if (described_before(command, o) != before)
            continue;
        fputs(first ? ".TP\n.BR " : " \", \" ", stream);
        print_name(stream, o->name);
        first = false;
    }
    if (first)
        return;
    fputs("\nAs for\n.BR ", stream);
    print_word(stream, before->name, (int)strlen(before->name));
    fputs(" .\n", stream);
}

static void print_command(FILE *stream, const struct ic_command *command)
{
    const char *group = NULL; /* whose heading is not printed yet */

    fputs(".SS ", stream);
    fprintf(stream, "%s\n", command->name);
    print_text(stream, command->text);
    for (const struct ic_option *o = command->options; o->name != NULL; o++) {
        if (o->group != NULL)
            group = o->group;
        if (described_before(command, o) != NULL)
            continue;
        if (group != NULL)
            fprintf(stream, ".PP\n.I %s\n", group);
        group = NULL;
        print_option(stream, o);
    }
    for (const struct ic_command *const *c = ic_commands; *c != command; c++)
        print_same_options(stream, command, *c);
}

void ic_manual_print_page(FILE *stream)
{
    fputs(".SH COMMANDS\n", stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++)
        print_command(stream, *c);
}
