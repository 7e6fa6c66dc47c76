/* SPDX-License-Identifier: MIT */
/*
 * Reads whole files, writes files atomically, and lists folders in a fixed order.
 */
#ifndef IC_BASE_FILE_H
#define IC_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Reads a whole regular file of at most `limit` bytes; folders, pipes, sockets and
 * devices are refused without being opened. The caller frees *ret_bytes (never NULL on
 * success; one zero byte follows the content). */
ic_status ic_file_read(const char *path, size_t limit, uint8_t **ret_bytes,
                       size_t *ret_size, struct ic_error *error);

/* A file being written: the bytes go to a temporary name beside it (temporary.h) and
 * appear under its own name, complete and on disk, when it is committed. All zero means
 * "not open". */
struct ic_file_writer {
    FILE *stream;
    char *path, *temporary;
    bool hasty;   /* set after opening: the commit does not wait for the disk; for
                     thousands of files that can be made again after a power failure */
    bool summing; /* set after opening: `crc` goes on over the bytes that are added */
    uint32_t crc;
};

ic_status ic_file_writer_open(struct ic_file_writer *writer, const char *path,
                              struct ic_error *error);

/* Appends bytes. After a failure, abort the writer. */
ic_status ic_file_writer_add(struct ic_file_writer *writer, const void *bytes,
                             size_t size, struct ic_error *error);

/* Flushes, syncs, renames, syncs the folder, closes; a hasty writer does not sync. On
 * failure the old file, if any, is as it was. */
ic_status ic_file_writer_commit(struct ic_file_writer *writer, struct ic_error *error);

/* Discards the written bytes; does nothing when not open. */
void ic_file_writer_abort(struct ic_file_writer *writer);

/* Writes `size` bytes as the whole content of `path`, atomically. */
ic_status ic_file_write(const char *path, const void *bytes, size_t size,
                        struct ic_error *error);

/* Makes a folder and its parents; one that exists is fine. */
ic_status ic_file_make_folder(const char *path, struct ic_error *error);

/* Refuses a folder that cannot be made (or, where it exists, written in), as far as
 * that can be told without trying, so that a program fails before its work. */
ic_status ic_file_check_folder(const char *path, struct ic_error *error);

/* fsync(2), which a signal does not end. */
int ic_file_sync(int descriptor);

/* Makes the names in a folder durable, or (_of) the name `path` itself, which is
 * changed during the call and restored. Some file systems refuse to sync a folder; the
 * names exist all the same, so nothing is reported. */
void ic_file_sync_folder(const char *path);
void ic_file_sync_folder_of(char *path);

/* Whether an errno of stat(2) or open(2) says that there is no such file; any other
 * says that the system cannot tell. */
bool ic_file_is_absent(int error);

/* True, too, where the system cannot tell (a failing disk, a folder that may not be
 * searched): the open that follows then says why. */
bool ic_file_exists(const char *path);
bool ic_file_is_folder(const char *path);

/* Lists the names in a folder, except those that start with a dot, in strcmp order.
 * Freed by ic_file_free_names. */
ic_status ic_file_list(const char *path, char ***ret_names, size_t *ret_count,
                       struct ic_error *error);
void ic_file_free_names(char **names, size_t count);

/* "folder/name", allocated; the caller frees it. NULL when out of memory. */
char *ic_file_join(const char *folder, const char *name);

/* CRC-32 (zlib's) of `size` bytes, continuing from `crc` (0 at the start). */
uint32_t ic_file_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
