/* SPDX-License-Identifier: MIT */
/*
 * Who can change a module. See module.h. A loaded module can do all that the user can,
 * so a folder where everybody may put one is no place to load it from.
 */
#include "base/module.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/program_path.h"

static bool owns_program(uid_t user)
{
    char path[PATH_MAX];
    struct stat program;

    return ic_program_path(path, sizeof path) && stat(path, &program) == 0 &&
           program.st_uid == user;
}

/* Checks the module's file or one of its folders. */
static ic_status check(const struct ic_module_kind *kind, const char *module,
                       const char *path, struct ic_error *error)
{
    struct stat found;
    const char *who = NULL;

    if (stat(path, &found) != 0) {
        ic_fail_errno(error, "the module %s is not loaded: %s", module, path);
        return kind->failure;
    }
    if (found.st_uid != geteuid() && found.st_uid != 0 && !owns_program(found.st_uid))
        return ic_fail(error, kind->failure,
                       "the module %s is not loaded, because %s belongs to another "
                       "user (%ld): copy the module into a folder of your own",
                       module, path, (long)found.st_uid);
    if ((found.st_mode & S_IWOTH) != 0)
        who = "everybody";
    else if ((found.st_mode & S_IWGRP) != 0 && found.st_gid != getegid() &&
             found.st_gid != 0)
        who = "another group";
    if (who != NULL)
        return ic_fail(error, kind->failure,
                       "the module %s is not loaded, because %s can write to %s: "
                       "chmod go-w %s",
                       module, who, path, path);
    return IC_OK;
}

ic_status ic_module_check_owner(const struct ic_module_kind *kind, const char *path,
                                struct ic_error *error)
{
    char *const named = strdup(path), *const real = realpath(path, NULL);
    ic_status status;

    if (named == NULL) {
        free(real);
        return ic_fail_memory(error, "a path", strlen(path));
    }
    if (real == NULL) {
        ic_fail_errno(error, "the module %s is not loaded", path);
        free(named);
        return kind->failure;
    }
    status = check(kind, path, dirname(named), error);
    if (status == IC_OK)
        status = check(kind, path, real, error);
    if (status == IC_OK)
        status = check(kind, path, dirname(real), error);
    free(named);
    free(real);
    return status;
}
