/* SPDX-License-Identifier: MIT */
/*
 * A fresh temporary folder for a test, and files in it.
 */
#ifndef IC_TESTS_FOLDER_H
#define IC_TESTS_FOLDER_H

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline void folder_broke(const char *what)
{
    perror(what);
    exit(99);
}

/* Makes an empty folder; the caller frees the path and removes the folder. */
static inline char *folder_make(void)
{
    const char *base = getenv("TMPDIR");
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/im2cat-test-XXXXXX", base ? base : "/tmp");
    if (mkdtemp(path) == NULL)
        folder_broke(path);
    return strdup(path);
}

static inline int folder_remove_entry(const char *path, const struct stat *about,
                                      int flag, struct FTW *place)
{
    return remove(path);
}

/* Removes the folder with everything in it and frees the path. Does not follow links.
 */
static inline void folder_remove(char *folder)
{
    if (nftw(folder, folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        folder_broke(folder);
    free(folder);
}

/* Counts the entries of a folder, hidden names included. */
static inline int folder_entries(const char *path)
{
    DIR *folder = opendir(path);
    int count = -2; /* "." and ".." */

    if (folder == NULL)
        folder_broke(path);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* "folder/" followed by the formatted name; the caller frees it. */
static inline char *folder_path(const char *folder, const char *format, ...)
{
    char name[PATH_MAX], *path;
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        exit(99);
    return path;
}

/* Makes the folders before the last slash of `path`. */
static inline void folder_make_parents(const char *path)
{
    char *copy = strdup(path);

    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0777);
        *slash = '/';
    }
    free(copy);
}

/* Writes folder/name with that content, and makes the folders before it. */
static inline void folder_put(const char *folder, const char *name, const void *bytes,
                              size_t size)
{
    char *path = folder_path(folder, "%s", name);
    FILE *stream;

    folder_make_parents(path);
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        folder_broke(path);
    free(path);
}

static inline void folder_put_text(const char *folder, const char *name,
                                   const char *text)
{
    folder_put(folder, name, text, strlen(text));
}

#endif
