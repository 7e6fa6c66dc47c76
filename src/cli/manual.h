/*
 * What is written from the tables of the commands: the COMMANDS section of the manual
 * page, and the completion of bash. scripts/from-tables puts both into their files.
 */
#ifndef IC_CLI_MANUAL_H
#define IC_CLI_MANUAL_H

#include <stdio.h>

/* Prints the section in roff, from ".SH COMMANDS" on. */
void ic_manual_print_page(FILE *stream);

/* Prints a script that bash sources. */
void ic_manual_print_completion(FILE *stream);

#endif
