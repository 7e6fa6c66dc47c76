/*
 * The registry of backends.
 */
#include "backend/backend.h"

#include <stdio.h>
#include <string.h>

#include "backend/cpu/cpu.h"

static const struct ic_backend *const backends[] = {
    &ic_cpu_backend,
};

enum { BACKENDS = sizeof backends / sizeof *backends };

static ic_status fail_unknown(const char *name, struct ic_error *error)
{
    char names[128] = "";

    for (int i = 0; i < BACKENDS; i++) {
        const size_t used = strlen(names);

        snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                 backends[i]->name);
    }
    return ic_fail(error, IC_ERR_USAGE, "there is no device \"%s\" (there is: %s)",
                   name, names);
}

ic_status ic_backend_find(const char *name, const struct ic_backend **ret_backend,
                          struct ic_error *error)
{
    for (int i = 0; i < BACKENDS; i++) {
        if (strcmp(backends[i]->name, name) == 0) {
            *ret_backend = backends[i];
            return IC_OK;
        }
    }
    *ret_backend = NULL;
    return fail_unknown(name, error);
}
