/* SPDX-License-Identifier: MIT */
/*
 * A command of the program, as main sees it.
 *
 * Each cmd_*.c defines a command; command.c lists them. A command prints its results
 * and leaves the rest to main: the line that says why it failed, and the exit.
 */
#ifndef IC_CLI_COMMAND_H
#define IC_CLI_COMMAND_H

#include "cli/options.h"

/* Exit statuses of the program. */
enum ic_exit {
    IC_EXIT_DONE = 0,
    IC_EXIT_FAILED = 1,  /* a line on standard error says why */
    IC_EXIT_USAGE = 2,   /* the command line or the job file is wrong */
    IC_EXIT_STOPPED = 3, /* by a signal; the same command, or train --resume, goes on */
};

struct ic_command {
    const char *name;
    const char *summary;  /* one clause, for the list of commands */
    const char *operands; /* as in the usage line: "DIR", "PATH..."; "" for none */
    const char *text;     /* further text of the help; lines end with \n */
    const struct ic_option *options;
    size_t values_size; /* size of the structure that the options fill */
    int min_operands, max_operands;

    /* Joins the ranks that the options name, if the command works with others; may be
     * NULL. A failure after that is a failure on all ranks. */
    ic_status (*join)(const struct ic_options *options, struct ic_error *error);

    /* Adds options from elsewhere (job files) before required ones are checked; may be
     * NULL. */
    ic_status (*add_options)(struct ic_options *options, struct ic_error *error);

    /* Does the command's work. Any result but IC_EXIT_DONE leaves the reason in
     * `error`, unless every reason was already printed. */
    enum ic_exit (*run)(const struct ic_options *options, struct ic_error *error);
};

/* In the order of the help; ends with NULL. */
extern const struct ic_command *const ic_commands[];

/* NULL when no command has the name. */
const struct ic_command *ic_command_find(const char *name);

/* Prints the overview of all commands, or the help of one. */
void ic_command_print_overview(FILE *stream);
void ic_command_print_help(const struct ic_command *command, FILE *stream);

/* Prints "im2cat: MESSAGE" and a line end on standard error. Unprintable characters
 * become '?', so that the message stays one line. Of ranks that work together, one
 * prints. */
void ic_command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
