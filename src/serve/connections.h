/* SPDX-License-Identifier: MIT */
/*
 * The connections of a server, and how long each may keep it waiting. A client that
 * sends a request byte by byte, or reads its answer so, is never idle for long, so each
 * connection has a deadline.
 */
#ifndef IC_SERVE_CONNECTIONS_H
#define IC_SERVE_CONNECTIONS_H

#include "base/error.h"

struct ic_connections;
struct ic_connection;

/* Starts the thread that cuts connections that are late. */
ic_status ic_connections_open(struct ic_connections **ret_connections,
                              struct ic_error *error);

/* To be called after all connections are removed; NULL is fine. */
void ic_connections_close(struct ic_connections *connections);

/* Adds a new connection by its socket, without a deadline; NULL: no memory. Whoever
 * closes the socket removes the connection first; NULL is fine. */
struct ic_connection *ic_connection_add(struct ic_connections *connections, int fd);
void ic_connection_remove(struct ic_connections *connections,
                          struct ic_connection *connection);

/* Gives the connection `seconds` from now on, until the next request; 0: no limit. */
void ic_connection_allow(struct ic_connections *connections,
                         struct ic_connection *connection, double seconds);

#endif
