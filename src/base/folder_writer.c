/* SPDX-License-Identifier: MIT */
/*
 * Writes folders as a whole. See folder_writer.h.
 *
 * rename(2) replaces an empty folder with another and refuses any other target. So
 * nothing that appears under the name meanwhile is destroyed.
 */
#include "base/folder_writer.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporary.h"

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Refuses a path that cannot become a new folder. */
static ic_status check_target(const char *path, struct ic_error *error)
{
    const struct dirent *entry;
    bool empty = true;
    DIR *folder;

    if (!ic_file_exists(path))
        return IC_OK;
    if (!ic_file_is_folder(path))
        return ic_fail(error, IC_ERR_USAGE, "cannot make the folder %s: it is a file",
                       path);
    folder = opendir(path);
    if (folder == NULL)
        return ic_fail_errno(error, "cannot open the folder %s", path);
    while ((entry = readdir(folder)) != NULL)
        empty = empty && is_dots(entry->d_name);
    closedir(folder);
    if (!empty)
        return ic_fail(error, IC_ERR_USAGE,
                       "the folder %s holds something; name one that is empty or not "
                       "there",
                       path);
    return IC_OK;
}

ic_status ic_folder_writer_open(struct ic_folder_writer *writer, const char *path,
                                struct ic_error *error)
{
    size_t length = strlen(path), size = length + IC_TEMPORARY_MORE;
    ic_status status;

    *writer = (struct ic_folder_writer){0};
    if (length == 0)
        return ic_fail(error, IC_ERR_USAGE, "cannot make a folder without a name");
    status = check_target(path, error);
    if (status != IC_OK)
        return status;
    while (length > 1 && path[length - 1] == '/')
        length--;
    writer->path = strndup(path, length);
    writer->temporary = malloc(size);
    if (writer->path == NULL || writer->temporary == NULL)
        status = ic_fail_memory(error, path, size);
    else {
        ic_temporary_name(writer->temporary, writer->path);
        if (mkdir(writer->temporary, 0777) != 0)
            status = ic_fail_errno(error, "cannot make the folder %s", path);
    }
    if (status != IC_OK) {
        free(writer->path);
        free(writer->temporary);
        *writer = (struct ic_folder_writer){0};
    }
    return status;
}

ic_status ic_folder_writer_commit(struct ic_folder_writer *writer,
                                  struct ic_error *error)
{
    ic_status status = IC_OK;

    if (rename(writer->temporary, writer->path) != 0)
        status = ic_fail_errno(error, "cannot make the folder %s", writer->path);
    else {
        ic_file_sync_folder(writer->path);
        ic_file_sync_folder_of(writer->path);
        free(writer->temporary);
        writer->temporary = NULL;
    }
    ic_folder_writer_abort(writer);
    return status;
}

/* Removes a folder of files. */
static void remove_folder(const char *path)
{
    const struct dirent *entry;
    DIR *folder = opendir(path);

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (!is_dots(entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
    rmdir(path);
}

void ic_folder_writer_abort(struct ic_folder_writer *writer)
{
    if (writer->temporary != NULL)
        remove_folder(writer->temporary);
    free(writer->temporary);
    free(writer->path);
    *writer = (struct ic_folder_writer){0};
}
