/* SPDX-License-Identifier: MIT */
/*
 * One request and its answer, between libmicrohttpd's callbacks and the service.
 */
#ifndef IC_SERVE_EXCHANGE_H
#define IC_SERVE_EXCHANGE_H

#include "serve/connections.h"
#include "serve/mhd.h"
#include "serve/server.h"
#include "serve/site.h"

/* What all requests share. */
struct ic_hall {
    struct ic_site site;
    struct ic_server_options options;
    struct ic_connections *connections;
};

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback, whose context is the
 * hall; a connection's socket context is its struct ic_connection. */
enum MHD_Result ic_exchange_handle(void *hall, struct MHD_Connection *connection,
                                   const char *path, const char *method,
                                   const char *version, const char *data, size_t *size,
                                   void **state);
void ic_exchange_done(void *hall, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why);

#endif
