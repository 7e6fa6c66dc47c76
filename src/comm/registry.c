/* SPDX-License-Identifier: MIT */
/*
 * Loads transports from modules. See registry.h.
 */
#include "comm/registry.h"

#include "base/module.h"
#include "comm/interface.h"

static const struct ic_module_kind module = {"--distributed", "ic_transport_module",
                                             IC_COMM_INTERFACE, IC_ERR_RANK};

ic_status ic_transport_load(const char *name, const struct ic_transport **ret_transport,
                            struct ic_error *error)
{
    const void *table;
    const ic_status status = ic_module_find(&module, name, &table, error);

    *ret_transport = table;
    return status;
}
