/* SPDX-License-Identifier: MIT */
/*
 * Finds backends: the CPU's and the reference are parts of the library, the others are
 * modules. See registry.h.
 */
#include "backend/registry.h"

#include <stdio.h>
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/interface.h"
#include "backend/reference/reference.h"
#include "base/module.h"
#include "base/word.h"

/* A new backend is added here, with its name and its table below. */
enum { CPU, CUDA, REFERENCE };

const char *const ic_backend_names[] = {
    [CPU] = "cpu", [CUDA] = "cuda", [REFERENCE] = "reference", NULL};

/* The tables in the library; NULL: the backend is a module. */
static const struct ic_backend *const tables[] = {
    [CPU] = &ic_cpu_backend, [CUDA] = NULL, [REFERENCE] = &ic_reference_backend};

static const struct ic_module_kind module = {"the device", "ic_backend_module",
                                             IC_BACKEND_INTERFACE, IC_ERR_DEVICE};

ic_status ic_backend_find(const char *name, const struct ic_backend **ret_backend,
                          struct ic_error *error)
{
    const void *table = NULL;
    int index;
    ic_status status = ic_word_find("device", name, ic_backend_names, &index, error);

    if (status == IC_OK && tables[index] == NULL)
        status = ic_module_find(&module, name, &table, error);
    else if (status == IC_OK)
        table = tables[index];
    *ret_backend = table;
    return status;
}

bool ic_backend_built_in(const char *name)
{
    const int index = ic_word_index(ic_backend_names, name);

    return index >= 0 && tables[index] != NULL;
}

ic_status ic_backend_load(const char *path, const struct ic_backend **ret_backend,
                          struct ic_error *error)
{
    const void *table;
    const ic_status status = ic_module_load(&module, path, &table, error);

    *ret_backend = table;
    return status;
}

ic_status ic_backend_check_conv(const struct ic_backend *backend,
                                enum ic_conv_algorithm algorithm,
                                struct ic_error *error)
{
    char names[128] = "";

    if (backend->conv2d_has(algorithm))
        return IC_OK;
    for (int i = 0; i < IC_CONV_ALGORITHMS; i++) {
        const size_t used = strlen(names);

        if (backend->conv2d_has(i))
            snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                     ic_conv_algorithm_name(i));
    }
    return ic_fail(
        error, IC_ERR_USAGE, "the device %s has no convolution by %s (it has: %s%s)",
        backend->name, ic_conv_algorithm_name(algorithm), names, backend->conv2d_lacks);
}
