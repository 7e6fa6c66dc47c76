/* SPDX-License-Identifier: MIT */
/*
 * Sends HTTP requests, one after the other. This is the interface of the module
 * im2cat-mlflow.so, the only part that is linked with libcurl. The program loads the
 * module when a run is tracked, since libcurl and the 30 libraries behind it make every
 * start of a program half as long again.
 *
 * libcurl finds proxies in its variables (https_proxy, no_proxy ...). A redirect is
 * reported, not followed. No cookie, no .netrc, and no scheme but http and https is
 * used.
 */
#ifndef IC_TRACK_HTTP_H
#define IC_TRACK_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The largest part of an answer's body that is read. */
enum { IC_HTTP_ANSWER_MOST = 8 << 20 };

/* Strings may be NULL where the comment says so. */
struct ic_http_request {
    const char *method; /* "GET", "POST", "PATCH", "PUT" */
    const char *url;
    bool once; /* sent once at most, over a new connection: where a kept one ends
                  without an answer, libcurl sends a request again */
    const char *content_type;        /* NULL: none is sent */
    const void *body;                /* `size` bytes; NULL: see file */
    const char *file;                /* a file to send when body is NULL; may be NULL */
    size_t size;                     /* of body or file */
    const char *user, *password;     /* basic authorization; NULL: none */
    const char *token;               /* bearer authorization; NULL: none */
    bool insecure;                   /* certificates are not checked */
    const char *server_certificates; /* a file; NULL: the system's */
    const char *client_certificate;  /* a file with its key; NULL: none */
    double timeout;                  /* seconds without any byte transferred */
    const atomic_bool *cancel;       /* set: give up at once; NULL: never */
    atomic_llong *moved;             /* gets the bytes sent so far; NULL: nowhere */
};

struct ic_http_answer {
    int status; /* 200, 404 ... */
    char *body; /* allocated, a zero byte follows; never NULL after success */
    size_t size;
    char *location;     /* of a redirect, absolute; allocated, or NULL */
    double retry_after; /* seconds that the server asks to wait; 0: none */
};

/* A connection that is kept open from request to request. */
struct ic_http_link;

struct ic_http {
    const char *(*describe)(void); /* "libcurl 7.88.1" */
    ic_status (*open)(struct ic_http_link **ret_link, struct ic_error *error);

    /* Fails with IC_ERR_IO where no complete answer came (no such host, refused, cut
     * off, too slow, cancelled, larger than IC_HTTP_ANSWER_MOST) or the file cannot be
     * read; with IC_ERR_USAGE where no answer will come until somebody fixes the cause,
     * such as a certificate that is not trusted. The answer is then all zero. On
     * success the caller frees body and location. */
    ic_status (*send)(struct ic_http_link *link, const struct ic_http_request *request,
                      struct ic_http_answer *answer, struct ic_error *error);
    void (*close)(struct ic_http_link *link); /* NULL is fine */
};

/* Loads the module; not from two threads at once. Fails (IC_ERR_IO) where the module is
 * missing or of another build. */
ic_status ic_http_load(const struct ic_http **ret_http, struct ic_error *error);

#endif
