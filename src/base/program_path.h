/* SPDX-License-Identifier: MIT */
/*
 * The path of the running program's file.
 */
#ifndef IC_BASE_PROGRAM_PATH_H
#define IC_BASE_PROGRAM_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the path; false where the system does not tell it, or it does not fit. */
bool ic_program_path(char *path, size_t size);

#endif
