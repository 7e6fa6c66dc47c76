/* SPDX-License-Identifier: MIT */
/*
 * Finds the module that sends requests. See http.h.
 */
#include "track/http.h"

#include "base/module.h"
#include "track/interface.h"

static const struct ic_module_kind module = {"tracking by", "ic_http_module",
                                             IC_TRACK_INTERFACE, IC_ERR_IO};

ic_status ic_http_load(const struct ic_http **ret_http, struct ic_error *error)
{
    const void *table;
    const ic_status status = ic_module_find(&module, "mlflow", &table, error);

    *ret_http = table;
    return status;
}
