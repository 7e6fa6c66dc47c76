/* SPDX-License-Identifier: MIT */
/*
 * Reads the text files of tests/golden/, line by line, without comments.
 */
#ifndef IC_TESTS_GOLDEN_H
#define IC_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Opens tests/golden/NAME of the source tree, or the file NAME where that is a path.
 * Ends the test as broken when it cannot. */
static inline FILE *golden_open(const char *name)
{
    const char *source = getenv("srcdir");
    char path[4096];
    FILE *file;

    if (strchr(name, '/') != NULL)
        snprintf(path, sizeof path, "%s", name);
    else
        snprintf(path, sizeof path, "%s/tests/golden/%s", source ? source : ".", name);
    file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(99);
    }
    return file;
}

/* Opens the file likewise, past the comments at its head, for fscanf. */
static inline FILE *golden_open_body(const char *name)
{
    FILE *file = golden_open(name);
    int c;

    while ((c = getc(file)) == '#')
        while (c != '\n' && c != EOF)
            c = getc(file);
    ungetc(c, file);
    return file;
}

/* The next line that is not a comment; false at the end. */
static inline bool golden_line(FILE *file, char *line, int size)
{
    while (fgets(line, size, file) != NULL)
        if (line[0] != '#')
            return true;
    return false;
}

#endif
