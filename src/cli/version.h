/* SPDX-License-Identifier: MIT */
/*
 * im2cat --version.
 */
#ifndef IC_CLI_VERSION_H
#define IC_CLI_VERSION_H

#include <stdio.h>

/* Prints the program's version and those of what it is built from and runs on. */
void ic_version_print(FILE *stream);

#endif
