/* SPDX-License-Identifier: MIT */
/*
 * The backends, by name.
 */
#ifndef IC_BACKEND_REGISTRY_H
#define IC_BACKEND_REGISTRY_H

#include "backend/backend.h"

/* "cpu", "cuda", "reference"; the list ends with NULL. */
extern const char *const ic_backend_names[];

/* The backend of that name; an unknown name is refused with the list of known ones. A
 * backend that is a module is loaded: see base/module.h. */
ic_status ic_backend_find(const char *name, const struct ic_backend **ret_backend,
                          struct ic_error *error);

/* Whether the backend of that name is a part of the library: it computes on the CPU
 * alone, and needs no drivers. */
bool ic_backend_built_in(const char *name);

/* Loads the backend in the module file `path`. */
ic_status ic_backend_load(const char *path, const struct ic_backend **ret_backend,
                          struct ic_error *error);

/* Refuses an algorithm that the backend does not have, and lists those that it has. */
ic_status ic_backend_check_conv(const struct ic_backend *backend,
                                enum ic_conv_algorithm algorithm,
                                struct ic_error *error);

#endif
