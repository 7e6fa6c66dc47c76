/* SPDX-License-Identifier: MIT */
/*
 * Finds a model file. See model_folder.h.
 */
#include "serve/model_folder.h"

#include <ctype.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { DEPTH = 5 };

static const char ending[] = ".safetensors";

static bool is_model(const char *path)
{
    const size_t length = strlen(path);

    return length > strlen(ending) &&
           strcmp(path + length - strlen(ending), ending) == 0;
}

static ic_status look(const char *folder, int depth, char **found,
                      struct ic_error *error);

/* Looks at a name in a folder: it may be the model, or a folder to search. */
static ic_status look_at(const char *folder, const char *name, int depth, char **found,
                         struct ic_error *error)
{
    char *path = ic_file_join(folder, name);
    ic_status status = IC_OK;

    if (path == NULL)
        return ic_fail_memory(error, "a path", strlen(folder) + strlen(name) + 2);
    if (ic_file_is_folder(path)) {
        if (depth < DEPTH)
            status = look(path, depth + 1, found, error);
    } else if (is_model(path)) {
        if (*found != NULL) {
            status = ic_fail(
                error, IC_ERR_USAGE,
                "there is more than one model: %s and %s; use --model to choose one",
                *found, path);
        } else {
            *found = path;
            path = NULL;
        }
    }
    free(path);
    return status;
}

static ic_status look(const char *folder, int depth, char **found,
                      struct ic_error *error)
{
    char **names = NULL;
    size_t count = 0;
    ic_status status = ic_file_list(folder, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++)
        status = look_at(folder, names[i], depth, found, error);
    ic_file_free_names(names, count);
    return status;
}

ic_status ic_model_folder_find(const char *folder, char **ret_path,
                               struct ic_error *error)
{
    ic_status status;

    *ret_path = NULL;
    status = look(folder, 0, ret_path, error);
    if (status == IC_OK && *ret_path == NULL)
        status = ic_fail(error, IC_ERR_USAGE, "there is no %s file below %s", ending,
                         folder);
    if (status != IC_OK) {
        free(*ret_path);
        *ret_path = NULL;
    }
    return status;
}

/* The folder of a path, for the caller to free, or NULL. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path);
    char *folder = copy != NULL ? strdup(dirname(copy)) : NULL;

    free(copy);
    return folder;
}

ic_status ic_model_folders_find(const char *path, struct ic_model_folders *ret_folders,
                                struct ic_error *error)
{
    char *real = realpath(path, NULL);

    ret_folders->named = folder_of(path);
    ret_folders->real = folder_of(real != NULL ? real : path);
    free(real);
    if (ret_folders->named == NULL || ret_folders->real == NULL)
        return ic_fail_memory(error, "a path", strlen(path));
    return IC_OK;
}

void ic_model_folders_free(struct ic_model_folders *folders)
{
    free(folders->named);
    free(folders->real);
}

char *ic_model_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash != NULL ? slash + 1 : path);
    char *dot = name != NULL ? strrchr(name, '.') : NULL;

    if (dot != NULL && dot != name)
        *dot = '\0';
    for (char *c = name; c != NULL && *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
            *c = '-';
    return name;
}
