/* SPDX-License-Identifier: MIT */
/*
 * A module of the same version that was compiled with other headers, for
 * tests/modules.sh: the program must refuse it.
 */
#include <stddef.h>

#include "backend/interface.h"
#include "base/module.h"

extern const struct ic_module ic_backend_module;
const struct ic_module ic_backend_module = {PACKAGE_VERSION, IC_BACKEND_INTERFACE ^ 1,
                                            NULL};
