/* SPDX-License-Identifier: MIT */
/*
 * Chooses names for runs. See run_name.h.
 */
#include "cli/run_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { MOST_RUNS = 10000 };

/* The last part of a path; "." and the like are resolved. The caller frees it. */
static char *base_name(const char *path)
{
    char *real = realpath(path, NULL);
    const char *whole = real != NULL ? real : path;
    size_t length = strlen(whole), start;
    char *name;

    while (length > 1 && whole[length - 1] == '/')
        length--;
    for (start = length; start > 0 && whole[start - 1] != '/'; start--)
        ;
    name = strndup(whole + start, length - start);
    free(real);
    return name;
}

/* Whether the caller gets the name. A failure other than "it exists" is reported where
 * the run opens its folder. */
static bool take(const char *name, bool reserve)
{
    if (!reserve)
        return !ic_file_exists(name);
    return mkdir(name, 0777) == 0 || errno != EEXIST;
}

ic_status ic_run_name(const struct ic_job *job, bool reserve, char **ret_name,
                      struct ic_error *error)
{
    char *const data = base_name(job->data);
    char *name = NULL;
    ic_status status = IC_OK;

    *ret_name = NULL;
    if (data == NULL)
        return ic_fail_memory(error, "the name of a run", 0);
    if (reserve)
        status = ic_file_make_folder("runs", error);
    for (int i = 1; status == IC_OK && *ret_name == NULL && i < MOST_RUNS; i++) {
        char number[16] = "";

        if (i > 1)
            snprintf(number, sizeof number, "-%d", i);
        if (asprintf(&name, "runs/%s-%s%s", data, job->arch, number) < 0)
            status = ic_fail_memory(error, "the name of a run", 0);
        else if (take(name, reserve))
            *ret_name = name;
        else
            free(name);
    }
    if (status == IC_OK && *ret_name == NULL)
        status =
            ic_fail(error, IC_ERR_USAGE, "runs holds %d runs of %s: give --out DIR",
                    MOST_RUNS - 1, data);
    free(data);
    return status;
}

void ic_run_name_give_back(const char *name)
{
    rmdir(name); /* which removes only an empty folder */
    rmdir("runs");
}
