/* SPDX-License-Identifier: MIT */
/*
 * Options on the command line: finds the rows that the words refer to.
 *
 * The value of a single option is in option.c, job files in options_job.c, help in
 * options_help.c.
 */
#include "cli/options.h"

#include <assert.h>
#include <string.h>

#define LETTERS 63 /* of words that are compared */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters to change, add, drop, or swap with their neighbour (optimal string
 * alignment). */
static int distance(const char *a, const char *b)
{
    const size_t rows = strnlen(a, LETTERS), columns = strnlen(b, LETTERS);
    int table[LETTERS + 1][LETTERS + 1]; /* [i][j]: of the first i and j letters */

    for (size_t i = 0; i <= rows; i++)
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = (int)(i + j);
                continue;
            }
            table[i][j] = least(1 + least(table[i - 1][j], table[i][j - 1]),
                                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
        }
    return table[rows][columns];
}

const char *ic_options_nearest(const char *word, const char *const *names)
{
    const size_t length = strlen(word);
    const char *nearest = NULL;
    int limit = length < 5 ? 2 : 3; /* this many changes make another word */

    for (; *names != NULL; names++) {
        const bool begins = length >= 2 && strncmp(word, *names, length) == 0;
        const int changes = begins ? 0 : distance(word, *names);
        if (changes < limit) {
            limit = changes;
            nearest = *names;
        }
    }
    return nearest;
}

const struct ic_option *ic_option_find(const struct ic_option *table, const char *name,
                                       size_t length)
{
    for (; table->name != NULL; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

const char *ic_option_nearest(const struct ic_option *table, const char *word)
{
    const char *names[IC_OPTIONS_MAX + 2] = {"help"};

    for (int i = 0; table[i].name != NULL; i++)
        names[i + 1] = table[i].name;
    return ic_options_nearest(word, names);
}

/* Refuses an unknown option: the first `length` bytes of `name`. */
static ic_status unknown_option(const struct ic_options *options, const char *name,
                                size_t length, struct ic_error *error)
{
    const char *nearest;
    char word[64];

    snprintf(word, sizeof word, "%.*s", length < 63 ? (int)length : 63, name);
    nearest = ic_option_nearest(options->table, word);
    if (nearest != NULL)
        return ic_fail(error, IC_ERR_USAGE, "%s has no option --%s; did you mean --%s?",
                       options->command, word, nearest);
    return ic_fail(error, IC_ERR_USAGE,
                   "%s has no option --%s; im2cat %s --help shows all",
                   options->command, word, options->command);
}

/* Reads the option argv[*i], and its value from after '=' or from the next word. */
static ic_status parse_option(struct ic_options *options, int argc, char **argv, int *i,
                              struct ic_error *error)
{
    const char *name = argv[*i] + 2;
    const size_t length = strcspn(name, "=");
    const char *text = name[length] == '=' ? name + length + 1 : NULL;
    const struct ic_option *option = ic_option_find(options->table, name, length);
    char where[80];

    if (option == NULL)
        return unknown_option(options, name, length, error);
    if (text == NULL && option->type == IC_OPTION_FLAG)
        text = "yes";
    if (text == NULL && *i + 1 < argc && strncmp(argv[*i + 1], "--", 2) != 0)
        text = argv[++*i];
    if (text == NULL) {
        char expected[200];
        ic_option_expects(option, expected, sizeof expected);
        return ic_fail(error, IC_ERR_USAGE, "--%s expects %s, found nothing",
                       option->name, expected);
    }
    snprintf(where, sizeof where, "--%s", option->name);
    options->sources[option - options->table] = IC_FROM_COMMAND_LINE;
    return ic_option_set(option, (char *)options->values + option->offset, text, where,
                         error);
}

ic_status ic_options_parse(struct ic_options *options, const char *command,
                           const struct ic_option *table, void *values, int argc,
                           char **argv, struct ic_error *error)
{
    bool only_operands = false;

    *options =
        (struct ic_options){.command = command, .table = table, .values = values};
    for (const struct ic_option *o = table; o->name != NULL; o++) {
        assert(o - table < IC_OPTIONS_MAX);
        if (o->fallback != NULL) {
            const ic_status status = ic_option_set(o, (char *)values + o->offset,
                                                   o->fallback, o->name, error);
            if (status != IC_OK)
                return status;
        }
    }
    options->operands =
        ic_arena_alloc(&options->arena, (size_t)argc + 1, sizeof *options->operands);
    if (options->operands == NULL)
        return ic_fail_memory(error, "the command line",
                              ((size_t)argc + 1) * sizeof *options->operands);
    for (int i = 0; i < argc; i++) {
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            options->operands[options->operand_count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            options->help = true;
        } else if (argv[i][1] != '-') {
            return ic_fail(error, IC_ERR_USAGE,
                           "%s has no option %.60s; im2cat %s --help shows all",
                           command, argv[i], command);
        } else {
            const ic_status status = parse_option(options, argc, argv, &i, error);
            if (status != IC_OK)
                return status;
        }
    }
    return IC_OK;
}

ic_status ic_options_require(const struct ic_options *options, struct ic_error *error)
{
    for (const struct ic_option *o = options->table; o->name != NULL; o++)
        if (o->required && options->sources[o - options->table] == IC_FROM_FALLBACK)
            return ic_fail(error, IC_ERR_USAGE,
                           "%s needs --%s %s; im2cat %s --help shows all options",
                           options->command, o->name, o->value, options->command);
    return IC_OK;
}

enum ic_option_source ic_options_source(const struct ic_options *options,
                                        const char *name)
{
    const struct ic_option *option = ic_option_find(options->table, name, strlen(name));

    assert(option != NULL);
    return options->sources[option - options->table];
}

void ic_options_free(struct ic_options *options)
{
    ic_arena_free(&options->arena);
    *options = (struct ic_options){0};
}
