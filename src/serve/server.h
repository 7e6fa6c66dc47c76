/* SPDX-License-Identifier: MIT */
/*
 * The scoring server: HTTP in front of a service (serve/service.h), by libmicrohttpd.
 * It listens as soon as it is opened, and scores once a model is loaded.
 */
#ifndef IC_SERVE_SERVER_H
#define IC_SERVE_SERVER_H

#include "serve/service.h"

/* One request and its answer, for a log. */
struct ic_access {
    const char *client; /* address */
    const char *method, *path;
    int status;
    size_t request_bytes, answer_bytes; /* of the bodies */
    size_t pictures;                    /* that were scored */
    double seconds;                     /* from its head to the end of its answer */
};

struct ic_server_options {
    const char *host;
    int port;               /* 0: one that is free */
    const char *model_name; /* in paths */
    struct ic_service_options service;
    size_t max_body;    /* bytes of a request's body */
    size_t max_bodies;  /* bytes of all bodies in memory */
    size_t connections; /* at the same time */
    double timeout;     /* seconds for a client to send a request, or take an answer */

    /* The process enters the sandbox once it listens, before it has threads; it may
     * then read these files and folders (backend/cpu/sandbox.h). NULL: no sandbox. */
    const char *const *readable;

    /* Called after each answer, by several threads; NULL: no log. */
    void (*log)(void *context, const struct ic_access *access);
    void *context;
};

struct ic_server;

/* Listens and answers from now on. The texts outlive the server. */
ic_status ic_server_open(const struct ic_server_options *options,
                         struct ic_server **ret_server, struct ic_error *error);

int ic_server_port(const struct ic_server *server);
size_t ic_server_connections(const struct ic_server *server); /* that it has room for */

/* Calls ic_service_load, also for the first model. */
ic_status ic_server_load(struct ic_server *server, const struct ic_model_source *source,
                         struct ic_error *error);

/* The model in service, which the caller must leave again; NULL: none. */
struct ic_served *ic_server_model(struct ic_server *server);

/* Takes no more connections, answers the requests that it has, and ends. NULL is fine.
 */
void ic_server_close(struct ic_server *server);

#endif
