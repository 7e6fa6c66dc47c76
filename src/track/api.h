/* SPDX-License-Identifier: MIT */
/*
 * Calls of MLflow's REST interface (version 2.0): a request, its answer, and what the
 * answer means for the next step.
 *
 * Answers are not trusted: each is a JSON object or a failure. A redirect is followed
 * only to where the request may be sent (ic_address_may_follow), up to five times.
 */
#ifndef IC_TRACK_API_H
#define IC_TRACK_API_H

#include <jansson.h>

#include "track/credentials.h"
#include "track/http.h"

enum ic_verdict {
    IC_VERDICT_DONE,    /* the server has it */
    IC_VERDICT_LATER,   /* no or no valid answer, 408, 429, 500, 502 to 504:
                           to be sent again */
    IC_VERDICT_REFUSED, /* 400, 404, 409, 501: this request always fails */
    IC_VERDICT_CLOSED   /* all else, such as 401, 403, 507: nothing can be sent until
                           somebody fixes the cause */
};

/* The outcome of a request. */
struct ic_reply {
    enum ic_verdict verdict;
    int status;            /* 0: no answer */
    char code[64];         /* MLflow's error_code; may be empty */
    double wait;           /* seconds that the server asks for; 0: none */
    json_t *content;       /* of DONE: an object; else NULL */
    struct ic_error error; /* of the other verdicts: a sentence */
};

void ic_reply_free(struct ic_reply *reply); /* all zero is fine */

struct ic_api {
    const struct ic_http *http;
    struct ic_http_link *link;
    struct ic_address address;
    struct ic_credentials credentials;
    double timeout;     /* seconds without any byte transferred */
    atomic_bool cancel; /* set by another thread: requests end */
    atomic_llong moved; /* bytes sent of the current request */
};

/* Reads the address, loads the module and prepares a connection, without sending a
 * request. `lookup` (getenv, or a function like it) reads the credentials; NULL: there
 * are none but those in the address. */
ic_status ic_api_open(struct ic_api *api, const char *address,
                      char *(*lookup)(const char *name), struct ic_error *error);
void ic_api_close(struct ic_api *api); /* all zero is fine */

/* Calls METHOD base/api/2.0/mlflow/PATH with a JSON body (borrowed; NULL: none). The
 * caller frees the reply. */
enum ic_verdict ic_api_call(struct ic_api *api, const char *method, const char *path,
                            const json_t *body, struct ic_reply *reply);

/* The same, POST, for a call that makes something new. Such a call is sent once at
 * most, since the server may have carried out one whose answer was lost. After
 * IC_VERDICT_LATER, the caller searches before it calls again. */
enum ic_verdict ic_api_create(struct ic_api *api, const char *path, const json_t *body,
                              struct ic_reply *reply);

/* Sends a file of `size` bytes: PUT base/PATH. */
enum ic_verdict ic_api_put(struct ic_api *api, const char *path, const char *file,
                           size_t size, struct ic_reply *reply);

#endif
