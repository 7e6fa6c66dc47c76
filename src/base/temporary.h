/* SPDX-License-Identifier: MIT */
/*
 * Names for what is being written: beside the file or folder that it will be, and
 * drawn, so that two processes never write one file. (Process numbers would not do: in
 * two containers both are often 1.)
 */
#ifndef IC_BASE_TEMPORARY_H
#define IC_BASE_TEMPORARY_H

/* Bytes that a temporary name is longer than its path, its zero byte included. */
#define IC_TEMPORARY_MORE 24

/* Writes PATH.tmp-XXXXXXXXXXXX to `name` (strlen(path) + IC_TEMPORARY_MORE bytes). */
void ic_temporary_name(char *name, const char *path);

/* Makes a new file of such a name, open for writing, and writes the name to `name`; -1
 * with errno where it cannot. Whatever is there already, a link or a pipe, is left
 * alone. */
int ic_temporary_file(char *name, const char *path);

#endif
