/* SPDX-License-Identifier: MIT */
/*
 * Options: one table per command (base/option.h) drives parsing, job files and help.
 *
 * The command line takes precedence over a job file, and the job file over the
 * fallback.
 */
#ifndef IC_CLI_OPTIONS_H
#define IC_CLI_OPTIONS_H

#include "base/arena.h"
#include "base/option.h"

#define IC_OPTIONS_MAX 64

enum ic_option_source { IC_FROM_FALLBACK, IC_FROM_JOB, IC_FROM_COMMAND_LINE };

/* A table's values and where they came from. */
struct ic_options {
    const char *command; /* for messages */
    const struct ic_option *table;
    void *values;                          /* the command's structure */
    unsigned char sources[IC_OPTIONS_MAX]; /* enum ic_option_source, one per row */
    const char **operands;                 /* words that are not options, in order */
    int operand_count;
    bool help;             /* --help was given */
    struct ic_arena arena; /* owns the texts of job files */
};

/* Fills `values`, which is all zero, with the fallbacks and then with `argv`, which
 * begins after the command's name. The strings of argv must stay. Refused: unknown
 * options, missing or surplus values, values of the wrong type or range. */
ic_status ic_options_parse(struct ic_options *options, const char *command,
                           const struct ic_option *table, void *values, int argc,
                           char **argv, struct ic_error *error);

/* Adds the keys of a job file that the command line does not have: one `key = value`
 * per line, `#` comments, values with special characters in double quotes. Messages
 * begin with FILE:LINE.
 *
 * `keys` is the table of the command that such files are written for; its rows are the
 * known keys. Keys that the options' own table lacks, or has for the command line only,
 * are checked and have no effect. */
ic_status ic_options_read_job(struct ic_options *options, const struct ic_option *keys,
                              const char *path, struct ic_error *error);

/* Refuses a required option that was not given anywhere. */
ic_status ic_options_require(const struct ic_options *options, struct ic_error *error);

/* The source of the value of the option `name`. */
enum ic_option_source ic_options_source(const struct ic_options *options,
                                        const char *name);

void ic_options_free(struct ic_options *options); /* all zero is fine */

/* Prints the rows of a table for a terminal of 80 columns. */
void ic_options_help(const struct ic_option *table, FILE *stream);

/* Prints words broken at spaces: the first line continues at `column`, the others start
 * at `indent`, and none is longer than 79. */
void ic_options_wrap(FILE *stream, const char *text, int column, int indent);

/* The name among `names` (ending with NULL) that `word` most likely means, or NULL. */
const char *ic_options_nearest(const char *word, const char *const *names);

/* --- shared between the files of this module ----------------------------------- */

/* NULL when the table has no such name. */
const struct ic_option *ic_option_find(const struct ic_option *table, const char *name,
                                       size_t length);

/* The option that `word` most likely means, or NULL. */
const char *ic_option_nearest(const struct ic_option *table, const char *word);

#endif
