/* SPDX-License-Identifier: MIT */
/*
 * Tables that grow and are cut back. See runtable.h.
 */
#include "train/runtable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

ic_status ic_runtable_open(FILE **ret_table, const char *folder, const char *name,
                           struct ic_error *error)
{
    char *path = ic_file_join(folder, name);
    ic_status status = IC_OK;
    int descriptor;

    *ret_table = NULL;
    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor >= 0)
        *ret_table = fdopen(descriptor, "r+");
    if (descriptor < 0 && errno == ELOOP) {
        status = ic_fail(error, IC_ERR_IO,
                         "%s is a symbolic link, not a file of the run", path);
    } else if (*ret_table == NULL) {
        status = ic_fail_errno(error, "cannot write %s", path);
        if (descriptor >= 0)
            close(descriptor);
    }
    free(path);
    return status;
}

/* Moves past the next line; false when the line is incomplete. */
static bool skip_line(FILE *table)
{
    int c;

    while ((c = getc(table)) != '\n')
        if (c == EOF)
            return false;
    return true;
}

/* Whether the table begins with the line `head`, which is then read. */
static bool has_head(FILE *table, const char *head)
{
    for (; *head != '\0'; head++)
        if (getc(table) != *head)
            return false;
    return getc(table) == '\n';
}

/* Ends the file at the current position. */
static ic_status truncate_here(FILE *table, const char *folder, const char *name,
                               struct ic_error *error)
{
    const long end = ftell(table);

    if (end < 0 || fseek(table, end, SEEK_SET) != 0 || fflush(table) != 0 ||
        ftruncate(fileno(table), end) != 0)
        return ic_fail_errno(error, "cannot write %s/%s", folder, name);
    return IC_OK;
}

ic_status ic_runtable_cut(FILE *table, const char *folder, const char *name,
                          const char *head, int64_t rows, struct ic_error *error)
{
    ic_status status;

    rewind(table);
    if (rows == 0) {
        status = truncate_here(table, folder, name, error);
        if (status == IC_OK) {
            fprintf(table, "%s\n", head);
            status = ic_runtable_flush(table, folder, name, error);
        }
        return status;
    }
    if (!has_head(table, head))
        return ic_fail(error, IC_ERR_FORMAT, "%s/%s does not begin with \"%s\"", folder,
                       name, head);
    for (int64_t row = 0; row < rows; row++)
        if (!skip_line(table))
            return ic_fail(
                error, IC_ERR_FORMAT,
                "%s/%s has %lld rows, but the checkpoint was written after %lld",
                folder, name, (long long)row, (long long)rows);
    return truncate_here(table, folder, name, error);
}

ic_status ic_runtable_check(FILE *table, const char *folder, const char *name,
                            struct ic_error *error)
{
    char *path = ic_file_join(folder, name);
    struct stat own, there;
    const bool found = path != NULL && fstat(fileno(table), &own) == 0 &&
                       lstat(path, &there) == 0 && own.st_dev == there.st_dev &&
                       own.st_ino == there.st_ino;

    free(path);
    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    if (!found)
        return ic_fail(error, IC_ERR_IO,
                       "%s/%s was removed or replaced while the run wrote it", folder,
                       name);
    if (own.st_size != ftell(table))
        return ic_fail(error, IC_ERR_IO,
                       "another program wrote to %s/%s: it has %lld bytes, not %ld",
                       folder, name, (long long)own.st_size, ftell(table));
    return IC_OK;
}

ic_status ic_runtable_flush(FILE *table, const char *folder, const char *name,
                            struct ic_error *error)
{
    errno = 0;
    if (fflush(table) != 0 || ferror(table))
        return ic_fail_errno(error, "cannot write %s/%s", folder, name);
    return IC_OK;
}

ic_status ic_runtable_sync(FILE *table, const char *folder, const char *name,
                           struct ic_error *error)
{
    ic_status status = ic_runtable_flush(table, folder, name, error);

    /* A table on something that cannot sync, such as a pipe, is already as safe as it
     * can be. */
    if (status == IC_OK && ic_file_sync(fileno(table)) != 0 && errno != EINVAL)
        status = ic_fail_errno(error, "cannot write %s/%s", folder, name);
    return status;
}
