/* SPDX-License-Identifier: MIT */
/*
 * A table of a run folder: a head line, then row after row. A part of runfolder.c.
 */
#ifndef IC_TRAIN_RUNTABLE_H
#define IC_TRAIN_RUNTABLE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Opens folder/name for reading and writing, and creates it when it does not exist. A
 * symbolic link is not followed: cutting the table would cut another file. */
ic_status ic_runtable_open(FILE **ret_table, const char *folder, const char *name,
                           struct ic_error *error);

/* Keeps the head and the first `rows` rows, drops the rest, and leaves the position at
 * the end. With no rows to keep, the head is rewritten. Refused: another head, fewer
 * rows. */
ic_status ic_runtable_cut(FILE *table, const char *folder, const char *name,
                          const char *head, int64_t rows, struct ic_error *error);

/* Refuses (IC_ERR_IO) a table that another program has removed, replaced, cut or written
 * to since the last row. To be called before each row. */
ic_status ic_runtable_check(FILE *table, const char *folder, const char *name,
                            struct ic_error *error);

/* Hands the rows to the system (flush) or to the disk (sync). Reports failures since
 * the last call, such as a full disk. */
ic_status ic_runtable_flush(FILE *table, const char *folder, const char *name,
                            struct ic_error *error);
ic_status ic_runtable_sync(FILE *table, const char *folder, const char *name,
                           struct ic_error *error);

#endif
