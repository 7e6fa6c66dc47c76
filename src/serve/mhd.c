/* SPDX-License-Identifier: MIT */
/*
 * Loads libmicrohttpd. See mhd.h.
 */
#include "serve/mhd.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* The name contains the version of the interface, which is that of 0.9.71 and of 1.0.
 */
static const char library[] = "libmicrohttpd.so.12";

struct ic_mhd ic_mhd;

static bool find(void *handle, const char *name, void *ret_function)
{
    void *found = dlsym(handle, name);

    memcpy(ret_function, &found, sizeof found); /* POSIX, as C has no such cast */
    return found != NULL;
}

ic_status ic_mhd_load(struct ic_error *error)
{
    const char *missing = NULL;
    void *handle;

    if (ic_mhd.start_daemon != NULL)
        return IC_OK;
    handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return ic_fail(error, IC_ERR_IO,
                       "serve needs %s, which cannot be loaded (Debian's package is "
                       "libmicrohttpd12): %s",
                       library, dlerror());
#define IC_MHD_FIND(name)                          \
    if (!find(handle, "MHD_" #name, &ic_mhd.name)) \
        missing = "MHD_" #name;
    IC_MHD_FUNCTIONS(IC_MHD_FIND)
#undef IC_MHD_FIND
    if (missing == NULL)
        return IC_OK;
    ic_mhd = (struct ic_mhd){0};
    dlclose(handle);
    return ic_fail(error, IC_ERR_IO, "%s has no %s", library, missing);
}
