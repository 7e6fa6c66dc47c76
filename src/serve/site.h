/* SPDX-License-Identifier: MIT */
/*
 * The state that a server's pages see: the service, and what is in flight.
 */
#ifndef IC_SERVE_SITE_H
#define IC_SERVE_SITE_H

#include <stdatomic.h>

#include "serve/service.h"

struct ic_site {
    const char *model_name;
    struct ic_service *service;
    struct ic_metrics *metrics;
    size_t max_pictures; /* of a request */
    atomic_size_t connections, body_bytes, requests;
    atomic_bool stopping;
};

#endif
