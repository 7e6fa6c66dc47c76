/* SPDX-License-Identifier: MIT */
/*
 * Grows a list of samples. See scan.h.
 */
#include "data/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/size.h"
#include "data/name.h"

/* Samples are counted in 32 bits everywhere. */
#define MAX_SAMPLES ((size_t)INT32_MAX)

ic_status ic_scan_add(struct ic_scan *found, const char *name, enum ic_sample_part part,
                      size_t class_at, struct ic_error *error)
{
    if (found->count == MAX_SAMPLES)
        return ic_fail(error, IC_ERR_LIMIT, "%s holds more than %zu pictures",
                       found->dataset->folder, MAX_SAMPLES);
    if (found->count == found->capacity) {
        const size_t more = found->capacity ? 2 * found->capacity : 256;
        struct ic_sample *grown = NULL;
        size_t bytes;

        if (!ic_size_mul(more, sizeof *grown, &bytes) ||
            (grown = realloc(found->samples, bytes)) == NULL)
            return ic_fail_memory(error, "the list of pictures", more * sizeof *grown);
        found->samples = grown;
        found->capacity = more;
    }
    found->samples[found->count++] = (struct ic_sample){
        .name = name, .class_at = class_at, .label = -1, .part = part};
    return IC_OK;
}

ic_status ic_scan_list(struct ic_dataset *dataset, const char *below,
                       const char ***ret_names, size_t *ret_count,
                       struct ic_error *error)
{
    char *path =
        *below ? ic_file_join(dataset->folder, below) : strdup(dataset->folder);
    const char **below_names = NULL;
    char **names = NULL;
    size_t count = 0;
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_file_list(path, &names, &count, error);
    if (status != IC_OK)
        goto out;
    below_names = ic_arena_alloc(&dataset->arena, count, sizeof *below_names);
    for (size_t i = 0; below_names != NULL && i < count; i++) {
        below_names[i] = ic_arena_format(&dataset->arena, "%s%s%s", below,
                                         *below ? "/" : "", names[i]);
        if (below_names[i] == NULL)
            below_names = NULL;
    }
    if (below_names == NULL)
        status = ic_fail_memory(error, "the names in a folder", 0);
    *ret_names = below_names;
    *ret_count = count;
out:
    ic_file_free_names(names, count);
    free(path);
    return status;
}

ic_status ic_scan_is_folder(const struct ic_dataset *dataset, const char *name,
                            bool *ret_answer, struct ic_error *error)
{
    char *path = ic_file_join(dataset->folder, name);
    struct stat about;
    ic_status status = IC_OK;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    *ret_answer = stat(path, &about) == 0;
    if (*ret_answer)
        *ret_answer = S_ISDIR(about.st_mode);
    else if (!ic_file_is_absent(errno) && errno != ELOOP)
        status = ic_fail_errno(error, "cannot read %s", path);
    free(path);
    return status;
}

ic_status ic_scan_is_link(const struct ic_dataset *dataset, const char *name,
                          bool *ret_answer, struct ic_error *error)
{
    char *path = ic_file_join(dataset->folder, name);
    struct stat about;
    ic_status status = IC_OK;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    *ret_answer = lstat(path, &about) == 0;
    if (*ret_answer)
        *ret_answer = S_ISLNK(about.st_mode);
    else if (!ic_file_is_absent(errno))
        status = ic_fail_errno(error, "cannot read %s", path);
    free(path);
    return status;
}

bool ic_scan_is_other(const char *name)
{
    static const char *const endings[] = {
        "mat", "txt",   "xml", "md",  "csv", "tsv", "json", "jsonl", "conf", "yaml",
        "yml", "toml",  "cfg", "ini", "log", "pdf", "html", "htm",   "svg",  "py",
        "sh",  "ipynb", "pkl", "npy", "npz", "h5",  "pt",   "pth",   "onnx", "zip",
        "tar", "gz",    "tgz", "7z",  "rar", "db",  "lnk",  "url",   NULL};
    static const char *const names[] = {"Thumbs.db", "desktop.ini", "LICENSE",
                                        "README",    "Icon\r",      NULL};
    static const char weights[] = ".safetensors"; /* longer than an ending can be */
    const char *const base = ic_name_base(name);
    const size_t length = strlen(name), tail = sizeof weights - 1;

    for (size_t i = 0; names[i] != NULL; i++)
        if (strcasecmp(base, names[i]) == 0)
            return true;
    return ic_name_has_ending(name, endings) ||
           (length > tail && strcmp(name + length - tail, weights) == 0);
}

ic_status ic_scan_finish(const struct ic_scan *found, struct ic_error *error)
{
    struct ic_dataset *dataset = found->dataset;

    dataset->samples =
        ic_arena_alloc(&dataset->arena, found->count, sizeof *dataset->samples);
    if (dataset->samples == NULL)
        return ic_fail_memory(error, "the list of pictures",
                              found->count * sizeof *dataset->samples);
    memcpy(dataset->samples, found->samples, found->count * sizeof *dataset->samples);
    dataset->count = found->count;
    return IC_OK;
}
