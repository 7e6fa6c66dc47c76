/* SPDX-License-Identifier: MIT */
/*
 * im2cat --version.
 */
#ifndef IC_CLI_VERSION_H
#define IC_CLI_VERSION_H

#include <stdio.h>

/* Prints the versions of the program, of what it is built from and of what it runs on.
 */
void ic_version_print(FILE *stream);

#endif
