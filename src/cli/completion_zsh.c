/* SPDX-License-Identifier: MIT */
/*
 * The completion of zsh: a list of the commands, and for each command the arguments of
 * zsh's _arguments: '--name=[explanation]:what:how'. See completion.h.
 */
#include "cli/command.h"
#include "cli/completion.h"

static const char quote[] = "'\\''", special[] = "[]\\";

static void print_option(FILE *stream, const struct ic_option *option)
{
    const enum ic_completion_value value = ic_completion_value_of(option);

    fprintf(stream, "            '--%s%s[", option->name,
            value == IC_COMPLETION_NONE ? "" : "=");
    ic_completion_text(stream, option->help, quote, special);
    fputc(']', stream);
    if (value == IC_COMPLETION_FOLDER) {
        fputs(":folder:_files -/", stream);
    } else if (ic_completion_has_words(option) && value == IC_COMPLETION_FILE) {
        fputs(":word or file:{compadd ", stream);
        ic_completion_words(stream, option);
        fputs("; _files}", stream);
    } else if (ic_completion_has_words(option)) {
        fputs(":word:(", stream);
        ic_completion_words(stream, option);
        fputc(')', stream);
    } else if (value == IC_COMPLETION_FILE) {
        fputs(":file:_files", stream);
    } else if (value == IC_COMPLETION_OTHER) {
        fputs(":value: ", stream);
    }
    fputs("' \\\n", stream);
}

void ic_completion_zsh(FILE *stream)
{
    fputs("#compdef im2cat\n"
          "# zsh completion for im2cat, as `im2cat help --zsh` prints it.\n"
          "_im2cat() {\n"
          "    local -a commands\n"
          "    commands=(\n"
          "        'help:explains a command'\n",
          stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++) {
        fprintf(stream, "        '%s:", (*c)->name);
        ic_completion_text(stream, (*c)->summary, quote, special);
        fputs("'\n", stream);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case $command in\n",
          stream);
    for (const struct ic_command *const *c = ic_commands; *c != NULL; c++) {
        fprintf(stream, "    %s)\n        _arguments \\\n", (*c)->name);
        for (const struct ic_option *o = (*c)->options; o->name != NULL; o++)
            print_option(stream, o);
        fputs("            '--help[all options]' \\\n"
              "            '*:file:_files'\n"
              "        ;;\n",
              stream);
    }
    fputs("    esac\n"
          "}\n"
          "_im2cat \"$@\"\n",
          stream);
}
