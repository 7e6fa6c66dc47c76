/*
 * A module of another build, for tests/modules.sh: the program must refuse it.
 */
#include "backend/module.h"

extern const struct ic_module ic_backend_module;
const struct ic_module ic_backend_module = {"0.0.0", sizeof(struct ic_backend), NULL};
