/* SPDX-License-Identifier: MIT */
/*
 * A request between its first line and its answer. Private to exchange*.c.
 */
#ifndef IC_SERVE_EXCHANGE_PRIVATE_H
#define IC_SERVE_EXCHANGE_PRIVATE_H

#include "serve/exchange.h"
#include "serve/routes.h"

struct ic_exchange {
    struct ic_hall *hall;
    struct MHD_Connection *connection;
    const struct ic_route *route; /* NULL: refused */
    double begin;
    char *path; /* for the log; NULL: there is none */
    char method[16];
    uint8_t *bytes;              /* the body so far */
    size_t size, room, expected; /* expected: Content-Length, or the limit */
    size_t received;             /* including skipped bytes */
    bool cut;                    /* answered in the middle of the body */
    bool scored;                 /* all pictures are scored */
    struct ic_request request;
    struct ic_response response;
};

/* Gives the client `seconds` from now on (connections.h). */
void ic_exchange_allow(struct ic_exchange *exchange, double seconds);

/* Hands the response to the library, before a body or after it. */
enum MHD_Result ic_exchange_respond(struct ic_exchange *exchange);

/* Writes the response to the socket, in the middle of a body, and shuts down the
 * server's side. The body so far is freed. */
void ic_exchange_cut_short(struct ic_exchange *exchange);

/* Reports the finished request to options.log. */
void ic_exchange_log(struct ic_exchange *exchange, double seconds, size_t pictures);

#endif
