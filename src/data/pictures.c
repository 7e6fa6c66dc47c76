/* SPDX-License-Identifier: MIT */
/*
 * Opens a data set of pictures without labels: the pictures that a user names, and all
 * those below the folders that are named.
 */
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "data/scan.h"

/* Adds all pictures below a folder. Links to folders are not followed, since they may
 * lead back. Recursion ends, at the latest, where paths are too long for the system. */
static ic_status walk(struct ic_scan *found, const char *folder, struct ic_error *error)
{
    const char **names;
    size_t count;
    ic_status status = ic_scan_list(found->dataset, folder, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++) {
        bool is_folder = false, is_link = false;

        status = ic_scan_is_folder(found->dataset, names[i], &is_folder, error);
        if (status == IC_OK && is_folder)
            status = ic_scan_is_link(found->dataset, names[i], &is_link, error);
        if (status != IC_OK || is_link)
            continue;
        if (is_folder)
            status = walk(found, names[i], error);
        else if (!ic_scan_is_other(names[i]))
            status = ic_scan_add(found, names[i], IC_PART_ANY, 0, error);
    }
    return status;
}

static ic_status add_path(struct ic_scan *found, const char *path,
                          struct ic_error *error)
{
    size_t length = strlen(path);
    bool is_folder = false;
    const char *name;
    ic_status status;

    if (length == 0)
        return ic_fail(error, IC_ERR_USAGE, "a path is empty");
    while (length > 1 && path[length - 1] == '/')
        length--;
    name = ic_arena_strndup(&found->dataset->arena, path, length);
    if (name == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_scan_is_folder(found->dataset, name, &is_folder, error);
    if (status != IC_OK)
        return status;
    return is_folder ? walk(found, name, error)
                     : ic_scan_add(found, name, IC_PART_ANY, 0, error);
}

ic_status ic_dataset_open_paths(const char *const *paths, int count,
                                struct ic_dataset *ret_dataset, struct ic_error *error)
{
    struct ic_scan found = {.dataset = ret_dataset};
    ic_status status = IC_OK;

    *ret_dataset = (struct ic_dataset){.folder = ""};
    for (int i = 0; i < count && status == IC_OK; i++)
        status = add_path(&found, paths[i], error);
    if (status == IC_OK && found.count == 0)
        status = ic_fail(error, IC_ERR_USAGE, "no pictures in %s",
                         count > 0 ? paths[0] : "nothing");
    if (status == IC_OK)
        status = ic_scan_finish(&found, error);
    free(found.samples);
    if (status != IC_OK)
        ic_dataset_close(ret_dataset);
    return status;
}
