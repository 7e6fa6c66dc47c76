/* SPDX-License-Identifier: MIT */
/*
 * A folder being written: its files go to a temporary folder beside it (temporary.h),
 * which is renamed when it is committed. So a folder under the final name is complete,
 * or absent.
 */
#ifndef IC_BASE_FOLDER_WRITER_H
#define IC_BASE_FOLDER_WRITER_H

#include "base/error.h"

/* All zero means "not open". */
struct ic_folder_writer {
    char *path;      /* without slashes at its end */
    char *temporary; /* where to write files; it holds no folders */
};

/* Refuses a path that is not a folder, and a folder that is not empty. */
ic_status ic_folder_writer_open(struct ic_folder_writer *writer, const char *path,
                                struct ic_error *error);

/* Renames and syncs the folder; its files were synced when they were written. On
 * failure nothing is left. */
ic_status ic_folder_writer_commit(struct ic_folder_writer *writer,
                                  struct ic_error *error);

/* Removes the written files; does nothing when not open. */
void ic_folder_writer_abort(struct ic_folder_writer *writer);

#endif
