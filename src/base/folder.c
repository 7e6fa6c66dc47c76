/* SPDX-License-Identifier: MIT */
/*
 * Folders and file names: the functions of file.h that do not touch a file's content.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ic_file_is_absent(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

bool ic_file_exists(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 || !ic_file_is_absent(errno);
}

bool ic_file_is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Makes one folder, whose name is then on disk; errno says why not. `path` is changed
 * during the call and restored. */
static bool make_one(char *path)
{
    int cause;

    if (mkdir(path, 0777) == 0) {
        ic_file_sync_folder_of(path);
        return true;
    }
    cause = errno;
    if (ic_file_is_folder(path))
        return true;
    /* mkdir's errno, not that of the checks. EEXIST would not say what is wrong. */
    errno = cause == EEXIST && ic_file_exists(path) ? ENOTDIR : cause;
    return false;
}

ic_status ic_file_make_folder(const char *path, struct ic_error *error)
{
    ic_status status = IC_OK;
    char *copy = strdup(path);

    if (copy == NULL)
        return ic_fail_memory(error, path, strlen(path) + 1);
    /* Make every prefix that ends before a slash, then the whole path. */
    for (char *at = copy; status == IC_OK && *at != '\0';) {
        char next;

        at += strspn(at, "/");
        at += strcspn(at, "/");
        next = *at;
        *at = '\0';
        if (!make_one(copy))
            status = ic_fail_errno(error, "cannot make the folder %s", copy);
        *at = next;
    }
    if (path[0] == '\0')
        status = ic_fail(error, IC_ERR_USAGE, "cannot make a folder without a name");
    free(copy);
    return status;
}

/* Cuts the last part off a path, down to "/" or ".". */
static void cut_last_part(char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    if (length == 0)
        path[length++] = '.';
    while (length > 1 && path[length - 1] == '/')
        length--;
    path[length] = '\0';
}

ic_status ic_file_check_folder(const char *path, struct ic_error *error)
{
    ic_status status = IC_OK;
    char *copy = strdup(path[0] != '\0' ? path : ".");
    struct stat about;

    if (copy == NULL)
        return ic_fail_memory(error, path, strlen(path) + 1);
    while (stat(copy, &about) != 0) {
        if (errno != ENOENT || strcmp(copy, ".") == 0 || strcmp(copy, "/") == 0) {
            status = ic_fail_errno(error, "cannot make the folder %s", path);
            goto out;
        }
        cut_last_part(copy);
    }
    errno = ENOTDIR;
    if (!S_ISDIR(about.st_mode) || access(copy, W_OK | X_OK) != 0)
        status = ic_fail_errno(error, "cannot %s the folder %s",
                               strcmp(copy, path) == 0 ? "write in" : "make", path);
out:
    free(copy);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends a copy of `name`; the array doubles when its count is a power of two. */
static bool append_name(char ***names, size_t *count, const char *name)
{
    const size_t n = *count;

    if ((n & (n - 1)) == 0) {
        const size_t room = n > 0 ? 2 * n : 1;
        char **grown = reallocarray(*names, room, sizeof *grown);

        if (grown == NULL)
            return false;
        *names = grown;
    }
    (*names)[n] = strdup(name);
    if ((*names)[n] == NULL)
        return false;
    (*count)++;
    return true;
}

ic_status ic_file_list(const char *path, char ***ret_names, size_t *ret_count,
                       struct ic_error *error)
{
    ic_status status = IC_OK;
    char **names = NULL;
    size_t count = 0;
    const struct dirent *entry;
    DIR *folder = opendir(path);

    if (folder == NULL)
        return ic_fail_errno(error, "cannot open the folder %s", path);
    while (status == IC_OK && (errno = 0, entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' && !append_name(&names, &count, entry->d_name))
            status = ic_fail_memory(error, path, 0);
    if (status == IC_OK && errno != 0)
        status = ic_fail_errno(error, "cannot read the folder %s", path);
    closedir(folder);
    if (status != IC_OK) {
        ic_file_free_names(names, count);
        return status;
    }
    if (count > 0)
        qsort(names, count, sizeof *names, compare_names);
    *ret_names = names;
    *ret_count = count;
    return IC_OK;
}

void ic_file_free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

char *ic_file_join(const char *folder, const char *name)
{
    const size_t length = strlen(folder), size = length + strlen(name) + 2;
    const char *slash = length == 0 || folder[length - 1] == '/' ? "" : "/";
    char *path = malloc(size);

    if (path != NULL)
        snprintf(path, size, "%s%s%s", folder, slash, name);
    return path;
}
