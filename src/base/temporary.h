/* SPDX-License-Identifier: MIT */
/*
 * Temporary names for files and folders being written: beside the final name, and
 * random, so that two processes never write the same file. (Process ids would not do:
 * in two containers both are often 1.)
 */
#ifndef IC_BASE_TEMPORARY_H
#define IC_BASE_TEMPORARY_H

/* Bytes that a temporary name adds to its path, the zero byte included. */
#define IC_TEMPORARY_MORE 24

/* Writes PATH.tmp-XXXXXXXXXXXX to `name` (strlen(path) + IC_TEMPORARY_MORE bytes). */
void ic_temporary_name(char *name, const char *path);

/* Makes a new file with such a name, open for writing, and writes the name to `name`;
 * -1 with errno on failure. An existing file, link or pipe is left alone. */
int ic_temporary_file(char *name, const char *path);

#endif
