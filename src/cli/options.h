/*
 * Options: one table a command drives the parsing, job files and help.
 *
 * A command has a structure with a field for each option; the field's type decides what
 * the option takes. The table is made of IC_OPTION rows and ends with {0}:
 *
 *     static const struct ic_option table[] = {
 *         IC_OPTION(struct mine, "batch", batch, .value = "N", .fallback = "64",
 *                   .min = 1, .max = 65536, .help = "pictures a step"),
 *         {0}};
 *
 * What stands on the command line wins over a job file, and that over the fallback.
 */
#ifndef IC_CLI_OPTIONS_H
#define IC_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"

enum ic_option_type {
    IC_OPTION_FLAG,   /* bool: --name; "yes" or "no" behind '=' and in a job file */
    IC_OPTION_INT,    /* int: a whole number from min to max */
    IC_OPTION_INT64,  /* int64_t: the same */
    IC_OPTION_UINT64, /* uint64_t: the same */
    IC_OPTION_REAL,   /* double: a number from min to max */
    IC_OPTION_TEXT    /* const char *: one of `choices`, or any words but none */
};

struct ic_option {
    const char *name; /* without the dashes; also the key in a job file */
    size_t offset;
    enum ic_option_type type;
    const char *value;    /* what stands for the value in the help: "N", "DIR" */
    const char *fallback; /* as one would write it; NULL: not set (0, NULL, false) */
    const char *unset;    /* what the help calls a fallback of NULL: "all cores" */
    double min, max;      /* of numbers */
    bool above_min, below_max;  /* REAL: the ends themselves are excluded */
    bool or_zero;               /* whole numbers: 0 besides */
    const char *const *choices; /* of TEXT: the words there are, ends with NULL */
    bool required;
    bool command_line_only; /* no key of job files */
    const char *help;       /* one clause without a capital or a full stop */
};

/* A row: the type follows from the field. */
#define IC_OPTION(structure, name_, field, ...)                  \
    {                                                            \
        .name = (name_), .offset = offsetof(structure, field), \
        .type = _Generic(((structure *)0)->field,              \
            bool: IC_OPTION_FLAG,                              \
            int: IC_OPTION_INT,                                \
            int64_t: IC_OPTION_INT64,                          \
            uint64_t: IC_OPTION_UINT64,                        \
            double: IC_OPTION_REAL,                            \
            const char *: IC_OPTION_TEXT),                     \
        __VA_ARGS__ \
    }

#define IC_OPTIONS_MAX 48

enum ic_option_source { IC_FROM_FALLBACK, IC_FROM_JOB, IC_FROM_COMMAND_LINE };

/* A table's values and where they came from. */
struct ic_options {
    const char *command; /* for messages */
    const struct ic_option *table;
    void *values;                          /* the command's structure */
    unsigned char sources[IC_OPTIONS_MAX]; /* enum ic_option_source, one a row */
    const char **operands;                 /* what is no option, in order */
    int operand_count;
    bool help;             /* --help was asked */
    struct ic_arena arena; /* owns the texts of job files */
};

/* Fills `values`, which is all zero, with the fallbacks and then with what `argv`,
 * behind the command's name, says. The strings of argv must stay. Refused: unknown
 * options, missing or surplus values, values of the wrong type or range. */
ic_status ic_options_parse(struct ic_options *options, const char *command,
                           const struct ic_option *table, void *values, int argc,
                           char **argv, struct ic_error *error);

/* Adds the keys of a job file that the command line does not have: `key = value` a
 * line, `#` comments, values with odd characters in double quotes. Messages begin with
 * FILE:LINE.
 *
 * `keys` is the table of the command that such files are written for; its rows are the
 * keys there are. Those that the options' own table lacks, or has for the command line
 * only, are checked and have no effect. */
ic_status ic_options_read_job(struct ic_options *options, const struct ic_option *keys,
                              const char *path, struct ic_error *error);

/* Refused: a required option that is nowhere. */
ic_status ic_options_require(const struct ic_options *options, struct ic_error *error);

/* Where the value of the option `name` of the table came from. */
enum ic_option_source ic_options_source(const struct ic_options *options,
                                        const char *name);

void ic_options_free(struct ic_options *options); /* all zero is fine */

/* Prints the rows of a table for a terminal of 80 columns. */
void ic_options_help(const struct ic_option *table, FILE *stream);

/* Prints words broken at spaces: the first line goes on at `column`, the others start
 * at `indent`, none is longer than 79. */
void ic_options_wrap(FILE *stream, const char *text, int column, int indent);

/* The name among `names` (ending with NULL) that `word` most likely meant, or NULL. */
const char *ic_options_nearest(const char *word, const char *const *names);

/* --- shared between the files of this module ----------------------------------- */

/* NULL when the table has no such name. */
const struct ic_option *ic_option_find(const struct ic_option *table, const char *name,
                                       size_t length);

/* The option that `word` most likely meant, or NULL. */
const char *ic_option_nearest(const struct ic_option *table, const char *word);

/* Any option's value. */
union ic_option_value {
    bool flag;
    int number;
    int64_t number64;
    uint64_t unsigned64;
    double real;
    const char *text;
};

/* Reads `text` into the option's field. `where` begins the message: "--lr", "a:3: lr".
 */
ic_status ic_option_set(const struct ic_option *option, void *field, const char *text,
                        const char *where, struct ic_error *error);

/* "a whole number from 1 to 64", "species, breed or folder": what a value must be. */
void ic_option_expects(const struct ic_option *option, char *out, size_t size);

/* "from 1 to 64", "above 0 and at most 10"; empty for types without a range. */
void ic_option_range(const struct ic_option *option, char *out, size_t size);

#endif
