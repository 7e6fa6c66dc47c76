/* SPDX-License-Identifier: MIT */
/*
 * Loads transports from modules (base/module.h) by name.
 */
#ifndef IC_COMM_REGISTRY_H
#define IC_COMM_REGISTRY_H

#include "comm/transport.h"

/* Loads the transport in the module im2cat-NAME.so: "mpi". Fails with IC_ERR_RANK where
 * the module is absent, not loadable or of another build. */
ic_status ic_transport_load(const char *name, const struct ic_transport **ret_transport,
                            struct ic_error *error);

#endif
