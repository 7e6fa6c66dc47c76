/* SPDX-License-Identifier: MIT */
/*
 * The list of commands, their help, and their error messages.
 */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/team.h"

/* clang-format off */
const struct ic_command *const ic_commands[] = {
    &ic_cmd_train,
    &ic_cmd_find_lr,
    &ic_cmd_eval,
    &ic_cmd_predict,
    &ic_cmd_serve,
    &ic_cmd_toy_pets,
    &ic_cmd_check_data,
    &ic_cmd_summary,
    &ic_cmd_bench,
    &ic_cmd_dump,
    &ic_cmd_compare,
    &ic_cmd_gradcheck,
    &ic_cmd_conformance,
    &ic_cmd_convert,
    &ic_cmd_mlflow_sync,
    NULL,
};
/* clang-format on */

const struct ic_command *ic_command_find(const char *name)
{
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

void ic_command_print_overview(FILE *stream)
{
    fputs("usage: im2cat COMMAND [options]\n"
          "\n"
          "im2cat trains image classifiers, residual networks, in C.\n"
          "\n"
          "commands:\n",
          stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++)
        fprintf(stream, "  %-12s %s\n", (*c)->name, (*c)->summary);
    fputs("\n"
          "im2cat COMMAND --help   shows the options of a command\n"
          "im2cat --version        shows what the program is built from\n",
          stream);
}

void ic_command_print_help(const struct ic_command *command, FILE *stream)
{
    const bool optional = command->options[0].name != NULL;
    bool operands = command->operands[0] != '\0';

    fprintf(stream, "usage: im2cat %s", command->name);
    for (const struct ic_option *o = command->options; o->name != NULL; o++)
        if (o->required)
            fprintf(stream, " --%s %s", o->name, o->value);
    fprintf(stream, "%s%s%s\n\n", operands ? " " : "", command->operands,
            optional ? " [options]" : "");
    ic_options_wrap(stream, command->text, 0, 0);
    if (optional) {
        fputs("\noptions:\n", stream);
        ic_options_help(command->options, stream);
    }
}

void ic_command_complain(const char *format, ...)
{
    char line[1024];
    va_list args;

    if (!ic_team_speaks())
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ic_text_clean(line);
    fprintf(stderr, "im2cat: %s\n", line);
}
