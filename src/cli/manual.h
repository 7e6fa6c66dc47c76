/* SPDX-License-Identifier: MIT */
/*
 * The COMMANDS section of the manual page, written from the tables of the commands.
 * scripts/from-tables puts it into the page.
 */
#ifndef IC_CLI_MANUAL_H
#define IC_CLI_MANUAL_H

#include <stdio.h>

/* Prints the section in roff, from ".SH COMMANDS" on. */
void ic_manual_print_page(FILE *stream);

#endif
