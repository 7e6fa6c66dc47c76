/* SPDX-License-Identifier: MIT */
/*
 * Job files: one `key = value` per line, where the keys are the long option names.
 *
 *     # everything behind a '#' at the beginning of a word is a comment
 *     data = pets
 *     lr = 2e-3
 *     out = "runs/a name with # or \" in it"
 *
 * Blanks around key and value are ignored. A value in double quotes keeps its blanks;
 * inside the quotes \" is a quote and \\ a backslash.
 */
#include "cli/options.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define JOB_FILE_LIMIT ((size_t)1 << 20)

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* Ends the line where a comment begins outside of quotes. */
static void cut_comment(char *line)
{
    bool quoted = false;

    for (char *c = line; *c != '\0'; c++) {
        if (quoted && *c == '\\' && c[1] != '\0') {
            c++;
        } else if (*c == '"') {
            quoted = !quoted;
        } else if (*c == '#' && !quoted &&
                   (c == line || isspace((unsigned char)c[-1]))) {
            *c = '\0';
            return;
        }
    }
}

/* Removes the quotes of a value, in place; false when they are not closed at its end.
 */
static bool unquote(char *value)
{
    char *out = value;
    const char *in = value + 1;

    if (*value != '"')
        return true;
    for (; *in != '"'; in++) {
        in += *in == '\\';
        if (*in == '\0')
            return false;
        *out++ = *in;
    }
    *out = '\0';
    return in[1] == '\0';
}

/* The state of reading a file into options. */
struct reader {
    struct ic_options *options;
    const struct ic_option *keys; /* the rows that the file may set */
    bool seen[IC_OPTIONS_MAX];    /* of `keys`: set by this file already */
};

/* The row of a key; NULL and a message when the key is not allowed here. */
static const struct ic_option *find_key(const struct reader *reader, const char *key,
                                        const char *place, struct ic_error *error)
{
    const struct ic_option *option = ic_option_find(reader->keys, key, strlen(key));

    if (option == NULL) {
        const char *nearest = ic_option_nearest(reader->keys, key);
        ic_fail(error, IC_ERR_USAGE, "%s: %s has no option \"%.60s\"%s%s%s", place,
                reader->options->command, key, nearest ? "; did you mean \"" : "",
                nearest ? nearest : "", nearest ? "\"?" : "");
        return NULL;
    }
    if (option->command_line_only) {
        ic_fail(error, IC_ERR_USAGE, "%s: \"%s\" belongs on the command line", place,
                key);
        return NULL;
    }
    return option;
}

/* Where the value of a key goes: into the field of the command's own row, or into
 * `aside` where the command lacks the row or the command line has set it. */
static void *find_field(struct ic_options *options, const struct ic_option *key,
                        union ic_option_value *aside)
{
    const char *name = key->name;
    const struct ic_option *own = ic_option_find(options->table, name, strlen(name));
    unsigned char *source;

    if (own == NULL || own->command_line_only)
        return aside;
    assert(own->type == key->type);
    source = &options->sources[own - options->table];
    if (*source != IC_FROM_FALLBACK)
        return aside;
    *source = IC_FROM_JOB;
    return (char *)options->values + own->offset;
}

/* Reads one `key = value`. */
static ic_status read_line(struct reader *reader, char *line, const char *place,
                           struct ic_error *error)
{
    char *equals, *key, *value, where[300];
    const struct ic_option *option;
    union ic_option_value aside;

    cut_comment(line);
    line = trim(line);
    if (*line == '\0')
        return IC_OK;
    equals = strchr(line, '=');
    if (equals == NULL)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s: expected \"key = value\", found \"%.60s\"", place, line);
    *equals = '\0';
    key = trim(line);
    value = trim(equals + 1);
    option = find_key(reader, key, place, error);
    if (option == NULL)
        return IC_ERR_USAGE;
    if (reader->seen[option - reader->keys])
        return ic_fail(error, IC_ERR_USAGE, "%s: \"%s\" is given twice", place, key);
    reader->seen[option - reader->keys] = true;
    if (!unquote(value))
        return ic_fail(error, IC_ERR_USAGE, "%s: the quotes of \"%s\" are not closed",
                       place, key);

    /* A wrong value is named even where it has no effect. */
    snprintf(where, sizeof where, "%s: %s", place, key);
    return ic_option_set(option, find_field(reader->options, option, &aside), value,
                         where, error);
}

ic_status ic_options_read_job(struct ic_options *options, const struct ic_option *keys,
                              const char *path, struct ic_error *error)
{
    struct reader reader = {.options = options, .keys = keys};
    uint8_t *bytes = NULL;
    size_t size;
    char *text;
    ic_status status = ic_file_read(path, JOB_FILE_LIMIT, &bytes, &size, error);

    if (status != IC_OK)
        return status;
    if (strlen((const char *)bytes) != size) {
        status = ic_fail(error, IC_ERR_FORMAT,
                         "%s is not a text file, so it cannot be a job file", path);
        goto out;
    }
    text = (char *)bytes;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* a byte order mark, as some editors write it */
    text = ic_arena_strdup(&options->arena, text);
    if (text == NULL) {
        status = ic_fail_memory(error, path, size);
        goto out;
    }
    for (int number = 1; text != NULL && status == IC_OK; number++) {
        char place[256];
        char *line = strsep(&text, "\n");
        snprintf(place, sizeof place, "%.200s:%d", path, number);
        status = read_line(&reader, line, place, error);
    }
out:
    free(bytes);
    return status;
}
