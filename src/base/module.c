/* SPDX-License-Identifier: MIT */
/*
 * Finds and loads modules. See module.h.
 */
#include "base/module.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program_path.h"

ic_status ic_module_load(const struct ic_module_kind *kind, const char *path,
                         const void **ret_table, struct ic_error *error)
{
    void *const handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct ic_module *module;

    *ret_table = NULL;
    if (handle == NULL)
        return ic_fail(error, kind->failure, "a module cannot be loaded: %s",
                       dlerror());
    module = dlsym(handle, kind->symbol);
    if (module == NULL) {
        dlclose(handle);
        return ic_fail(error, kind->failure, "%s is not a module of im2cat", path);
    }
    if (module->interface != kind->interface) {
        ic_fail(error, kind->failure,
                "%s is of another build (version %s, interface %016" PRIx64
                ") than this program (version %s, interface %016" PRIx64
                "): install both together",
                path, module->version, module->interface, PACKAGE_VERSION,
                kind->interface);
        dlclose(handle);
        return kind->failure;
    }
    *ret_table = module->table;
    return IC_OK;
}

/* The folder of the running program, where modules are in the build tree. */
static bool program_folder(char *folder, size_t size)
{
    char *slash;

    if (!ic_program_path(folder, size))
        return false;
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

/* Whoever can write where modules are installed can change the program, too. */
static ic_status load_found(const struct ic_module_kind *kind, const char *folder,
                            const char *path, const void **ret_table,
                            struct ic_error *error)
{
    ic_status status = IC_OK;

    if (strcmp(folder, IC_MODULE_FOLDER) != 0)
        status = ic_module_check_owner(kind, path, error);
    return status == IC_OK ? ic_module_load(kind, path, ret_table, error) : status;
}

ic_status ic_module_find(const struct ic_module_kind *kind, const char *name,
                         const void **ret_table, struct ic_error *error)
{
    const char *const chosen = getenv("IM2CAT_MODULES");
    const char *folders[] = {IC_MODULE_FOLDER, IC_MODULE_FOLDER};
    char program[PATH_MAX], path[PATH_MAX + 64];

    if (chosen != NULL)
        folders[0] = folders[1] = chosen;
    else if (program_folder(program, sizeof program))
        folders[0] = program;
    *ret_table = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/im2cat-%s.so", folders[i], name);
        if (access(path, F_OK) == 0)
            return load_found(kind, folders[i], path, ret_table, error);
    }
    return ic_fail(error, kind->failure,
                   "%s %s needs the module %s, which is not installed (it is "
                   "built by configure --with-%s)",
                   kind->use, name, path, name);
}
