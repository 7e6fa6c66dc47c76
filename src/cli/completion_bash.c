/* SPDX-License-Identifier: MIT */
/*
 * The completion of bash. See completion.h.
 *
 * The script offers commands, a command's options, and the words that an option takes;
 * where it offers nothing, bash completes names of files.
 */
#include "cli/command.h"
#include "cli/completion.h"

static const char head[] =
    "# bash completion for im2cat, as `im2cat help --bash` prints it.\n"
    "_im2cat()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${COMP_WORDS[1]} words=\n"
    "    COMPREPLY=()\n"
    "    # bash makes three words of --name=value\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=\n"
    "    elif [[ $before == '=' ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void print_commands(FILE *stream)
{
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++)
        fprintf(stream, " %s", (*c)->name);
}

void ic_completion_bash(FILE *stream)
{
    fputs(head, stream);
    fputs("    case $COMP_CWORD:$command:$before in\n    1:*) words='help", stream);
    print_commands(stream);
    fputs(" --help --version' ;;\n    2:help:*) words='", stream);
    print_commands(stream);
    fputs("' ;;\n", stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++)
        for (const struct ic_option *o = (*c)->options; o->name != NULL; o++) {
            if (o->type == IC_OPTION_FLAG)
                continue;
            fprintf(stream, "    *:%s:--%s) words='", (*c)->name, o->name);
            if (ic_completion_has_words(o))
                ic_completion_words(stream, o);
            fputs("' ;;\n", stream);
        }
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++) {
        fprintf(stream, "    *:%s:*) [[ $word == -* ]] && words='--help", (*c)->name);
        for (const struct ic_option *o = (*c)->options; o->name != NULL; o++)
            fprintf(stream, " --%s", o->name);
        fputs("' ;;\n", stream);
    }
    fputs("    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "}\n"
          "complete -o default -F _im2cat im2cat\n",
          stream);
}
