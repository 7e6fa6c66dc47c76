/* SPDX-License-Identifier: MIT */
/*
 * The pages of the server: which path and method get which answer.
 */
#ifndef IC_SERVE_ROUTES_H
#define IC_SERVE_ROUTES_H

#include "serve/protocol.h"
#include "serve/site.h"

struct ic_route {
    const char *label; /* in metrics */
    const char *path;  /* "*" stands for the model's name */
    /* Either a page that is read, or a protocol to score by. */
    void (*tell)(struct ic_response *response, struct ic_site *site);
    const struct ic_protocol *protocol;
};

/* The route of a path and method. Where there is none, NULL, and the response is set:
 * 404, or 405 with the allowed methods. */
const struct ic_route *ic_route_find(const char *path, const char *method,
                                     const struct ic_site *site,
                                     struct ic_response *response);

#endif
