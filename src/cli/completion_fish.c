/* SPDX-License-Identifier: MIT */
/*
 * The completion of fish: a line for each command and for each option of it. See
 * completion.h.
 */
#include "cli/command.h"
#include "cli/completion.h"

static void print_text(FILE *stream, const char *text)
{
    fputs(" -d '", stream);
    ic_completion_text(stream, text, "\\'", "\\");
    fputs("'\n", stream);
}

static void print_option(FILE *stream, const struct ic_command *command,
                         const struct ic_option *option)
{
    static const char *const flags[] = {[IC_COMPLETION_NONE] = "",
                                        [IC_COMPLETION_OTHER] = " -x",
                                        [IC_COMPLETION_FILE] = " -r -F",
                                        [IC_COMPLETION_FOLDER] = " -x"};
    const enum ic_completion_value value = ic_completion_value_of(option);

    fprintf(stream, "complete -c im2cat -n '__fish_seen_subcommand_from %s' -l %s%s",
            command->name, option->name, flags[value]);
    if (value == IC_COMPLETION_FOLDER) {
        fputs(" -a '(__fish_complete_directories)'", stream);
    } else if (ic_completion_has_words(option)) {
        fputs(" -a '", stream);
        ic_completion_words(stream, option);
        fputc('\'', stream);
    }
    print_text(stream, option->help);
}

void ic_completion_fish(FILE *stream)
{
    fputs("# fish completion for im2cat, as `im2cat help --fish` prints it.\n"
          "complete -c im2cat -n __fish_use_subcommand -f\n"
          "complete -c im2cat -n __fish_use_subcommand -l version -d 'what it is built "
          "with'\n",
          stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++) {
        fprintf(stream, "complete -c im2cat -n __fish_use_subcommand -a %s",
                (*c)->name);
        print_text(stream, (*c)->summary);
    }
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++) {
        fprintf(
            stream,
            "complete -c im2cat -n '__fish_seen_subcommand_from %s' -l help -d 'all "
            "options'\n",
            (*c)->name);
        for (const struct ic_option *o = (*c)->options; o->name != NULL; o++)
            print_option(stream, *c, o);
    }
}
