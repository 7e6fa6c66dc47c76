/* SPDX-License-Identifier: MIT */
/*
 * Loadable modules: parts of im2cat that are separate shared objects, so that the
 * program does not need the libraries that such a part is linked with.
 */
#ifndef IC_BASE_MODULE_H
#define IC_BASE_MODULE_H

#include <stdint.h>

#include "base/error.h"

/* A module's only export, under its kind's symbol. `interface` is a number that make
 * computes from the text of the headers that program and module share: a module that
 * was compiled with other headers, whose table or structures may have another layout,
 * carries another number. */
struct ic_module {
    const char *version; /* PACKAGE_VERSION, for the message */
    uint64_t interface;
    const void *table; /* of functions; its type depends on the kind of module */
};

/* A kind of module: what interchangeable modules have in common. */
struct ic_module_kind {
    const char *use;    /* what needs the module, before its name: "the device" */
    const char *symbol; /* the exported `struct ic_module`: "ic_backend_module" */
    uint64_t interface;
    ic_status failure; /* the status when the module cannot be used */
};

/* Loads the module im2cat-NAME.so from the folder that $IM2CAT_MODULES names; without
 * the variable, from the program's own folder, or else from where modules are
 * installed. The module stays loaded. Fails with the kind's status where the module is
 * absent, not loadable or of another build, or where others can change it
 * (ic_module_check_owner), except where modules are installed. */
ic_status ic_module_find(const struct ic_module_kind *kind, const char *name,
                         const void **ret_table, struct ic_error *error);

/* Refuses a module that somebody else can change. The file, the folder that it is named
 * in and the folder that it is in must belong to this user, to root or to the program's
 * owner, who can change the program as well. Others must not be able to write there,
 * and a group only if it is this user's own or root's: many systems give each user a
 * group and umask 002, so that whatever a user builds can be written by this group. */
ic_status ic_module_check_owner(const struct ic_module_kind *kind, const char *path,
                                struct ic_error *error);

/* Loads one file, whoever can change it. */
ic_status ic_module_load(const struct ic_module_kind *kind, const char *path,
                         const void **ret_table, struct ic_error *error);

#endif
