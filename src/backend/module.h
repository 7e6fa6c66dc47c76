/*
 * A backend that stands in a loadable module of its own, so that the program needs
 * nothing that the module is linked with.
 */
#ifndef IC_BACKEND_MODULE_H
#define IC_BACKEND_MODULE_H

#include "backend/backend.h"
#include "backend/interface.h"

/* What a module exports, under the name ic_backend_module and nothing else. `interface`
 * is IC_BACKEND_INTERFACE, which make computes from the text of the headers that
 * program and module share: a module that was compiled with other headers, whose table
 * or structures may have another layout, carries another number. */
struct ic_module {
    const char *version; /* PACKAGE_VERSION, for the message */
    uint64_t interface;
    const struct ic_backend *backend;
};

/* Loads the module im2cat-NAME.so from the folder that $IM2CAT_MODULES names; without
 * it, from the program's own folder, or else from where modules are installed. It stays
 * loaded. Fails with IC_ERR_DEVICE: not there, not loadable, of another build. */
ic_status ic_module_find(const char *name, const struct ic_backend **ret_backend,
                         struct ic_error *error);

/* Loads one file. */
ic_status ic_module_load(const char *path, const struct ic_backend **ret_backend,
                         struct ic_error *error);

#endif
