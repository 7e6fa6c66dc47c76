/*
 * The completion of bash. See manual.h.
 *
 * The script offers commands, a command's options, and the words that an option takes;
 * where it offers nothing, bash completes names of files.
 */
#include <ctype.h>
#include <string.h>

#include "cli/command.h"
#include "cli/manual.h"

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

/* The words that an option takes, from its choices or from a value as
 * "random|official|FILE". */
static void print_words(FILE *stream, const struct ic_option *option)
{
    const char *separator = "";

    if (option->choices != NULL) {
        for (const char *const *c = option->choices; *c != NULL; c++)
            fprintf(stream, "%s%s", c == option->choices ? "" : " ", *c);
        return;
    }
    for (const char *word = option->value; *word != '\0';) {
        const int length = (int)strcspn(word, "|");

        if (islower((unsigned char)*word)) {
            fprintf(stream, "%s%.*s", separator, length, word);
            separator = " ";
        }
        word += length + (word[length] == '|');
    }
}

static bool has_words(const struct ic_option *option)
{
    return option->choices != NULL ||
           (option->value != NULL && strchr(option->value, '|') != NULL);
}

void ic_manual_print_completion(FILE *stream)
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
            if (has_words(o))
                print_words(stream, o);
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
