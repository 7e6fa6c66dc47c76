/* SPDX-License-Identifier: MIT */
/*
 * Names of classes and pictures that fit a drawing. Long names lose their middle, since
 * breeds differ at the beginning and pictures in the number at the end.
 */
#ifndef IC_REPORT_SHORT_NAME_H
#define IC_REPORT_SHORT_NAME_H

#define IC_SHORT_NAME_MAX  40 /* characters */
#define IC_SHORT_NAME_SIZE (4 * IC_SHORT_NAME_MAX + 1)

/* Number of characters of a name; a byte that is not UTF-8 counts as one. */
int ic_short_name_length(const char *name);

/* Copies at most `limit` characters (3 to IC_SHORT_NAME_MAX), with an ellipsis in place
 * of the excess. Returns `out`. */
char *ic_short_name(char out[IC_SHORT_NAME_SIZE], const char *name, int limit);

#endif
