/* SPDX-License-Identifier: MIT */
/*
 * A folder being written: its files go to a temporary folder beside it (temporary.h),
 * which gets its own name when it is committed. So a folder of that name is complete,
 * or not there.
 */
#ifndef IC_BASE_FOLDER_WRITER_H
#define IC_BASE_FOLDER_WRITER_H

#include "base/error.h"

/* All zero means "not open". */
struct ic_folder_writer {
    char *path;      /* without slashes at its end */
    char *temporary; /* where to write files; it holds no folders */
};

/* Refused: a path that is no folder, and a folder that holds something. */
ic_status ic_folder_writer_open(struct ic_folder_writer *writer, const char *path,
                                struct ic_error *error);

/* Renames and syncs the folder; its files were synced when they were written. On
 * failure nothing is left. */
ic_status ic_folder_writer_commit(struct ic_folder_writer *writer,
                                  struct ic_error *error);

/* Removes what was written; nothing happens when not open. */
void ic_folder_writer_abort(struct ic_folder_writer *writer);

#endif
