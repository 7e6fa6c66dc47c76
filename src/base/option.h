/* SPDX-License-Identifier: MIT */
/*
 * An option has all its facts in one row of a table, from which the command line, job
 * files, help, manual page and shell completion are made.
 *
 * A table belongs to a structure with a field for each option; the field's type decides
 * what the option takes. The table is made of IC_OPTION rows and ends with {0}:
 *
 *     static const struct ic_option table[] = {
 *         IC_OPTION(struct mine, "batch", batch, .value = "N", .fallback = "64",
 *                   .min = 1, .max = 65536, .help = "pictures per step"),
 *         {0}};
 */
#ifndef IC_BASE_OPTION_H
#define IC_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum ic_option_type {
    IC_OPTION_FLAG,   /* bool: --name; "yes" or "no" after '=' and in a job file */
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
    const char *value;         /* what stands for the value in the help: "N", "DIR" */
    const char *fallback;      /* as a user writes it; NULL: not set (0, NULL, false) */
    const char *unset;         /* what the help calls a fallback of NULL: "all cores" */
    double min, max;           /* range of a number */
    bool above_min, below_max; /* REAL: the ends themselves are excluded */
    bool or_zero;              /* whole numbers: 0 is valid, too */
    const char *const *choices; /* TEXT: the valid words, then NULL */
    bool required;
    bool command_line_only; /* not a key of job files */
    bool defining; /* in jobs: weights depend on it; a resume needs the same value */
    const char *group; /* heading that begins here; NULL: as for the row before */
    const char *help;  /* one clause without a capital or a full stop */
    const char *more;  /* further sentences for the manual page; NULL: none */
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
