/* SPDX-License-Identifier: MIT */
/*
 * The completions of three shells, written from the tables of the commands.
 * scripts/from-tables puts each into its file below completions/.
 */
#ifndef IC_CLI_COMPLETION_H
#define IC_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/options.h"

/* Each prints a script that its shell sources, or finds in its folder of completions.
 */
void ic_completion_bash(FILE *stream);
void ic_completion_zsh(FILE *stream);
void ic_completion_fish(FILE *stream);

/* Whether an option takes words, from its choices or from a value such as
 * "random|official|FILE"; and prints these words with blanks between. */
bool ic_completion_has_words(const struct ic_option *option);
void ic_completion_words(FILE *stream, const struct ic_option *option);

/* What kind of name an option's value is. */
enum ic_completion_value {
    IC_COMPLETION_NONE, /* the option takes no value */
    IC_COMPLETION_OTHER,
    IC_COMPLETION_FILE,
    IC_COMPLETION_FOLDER
};
enum ic_completion_value ic_completion_value_of(const struct ic_option *option);

/* Writes a text inside single quotes, up to its first semicolon or colon. `quote` is
 * how the shell writes a single quote there; each character of `special` gets a
 * backslash. */
void ic_completion_text(FILE *stream, const char *text, const char *quote,
                        const char *special);

#endif
