/* SPDX-License-Identifier: MIT */
/*
 * One HTTP request after the other: what the module im2cat-mlflow.so offers, which
 * alone is linked with libcurl. The program loads it when a run is tracked, since
 * libcurl with the 30 libraries behind it makes every start of a program half as long
 * again.
 *
 * Proxies are those that libcurl finds in its variables (https_proxy, no_proxy ...). A
 * redirect is not followed but told, and no cookie, .netrc or connection to another
 * scheme than http and https is used.
 */
#ifndef IC_TRACK_HTTP_H
#define IC_TRACK_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The most of an answer's body that is read. */
enum { IC_HTTP_ANSWER_MOST = 8 << 20 };

/* Strings may be NULL where it says so. */
struct ic_http_request {
    const char *method; /* "GET", "POST", "PATCH", "PUT" */
    const char *url;
    const char *content_type;        /* NULL: none is sent */
    const void *body;                /* `size` bytes, or NULL ... */
    const char *file;                /* ... and then a file to send, or NULL */
    size_t size;                     /* of body or file */
    const char *user, *password;     /* basic authorization; NULL: none */
    const char *token;               /* bearer authorization; NULL: none */
    bool insecure;                   /* certificates are not checked */
    const char *server_certificates; /* a file; NULL: the system's */
    const char *client_certificate;  /* a file with its key; NULL: none */
    double timeout;                  /* seconds without a byte on the way */
    const atomic_bool *cancel;       /* set: give up at once; NULL: never */
    atomic_llong *moved;             /* gets the bytes sent so far; NULL: nowhere */
};

struct ic_http_answer {
    int status; /* 200, 404 ... */
    char *body; /* allocated, a zero byte follows; never NULL after success */
    size_t size;
    char *location;     /* of a redirect, absolute; allocated, or NULL */
    double retry_after; /* seconds that the server asks to wait; 0: it does not */
};

/* A connection that is kept open from request to request. */
struct ic_http_link;

struct ic_http {
    const char *(*describe)(void); /* "libcurl 7.88.1" */
    ic_status (*open)(struct ic_http_link **ret_link, struct ic_error *error);

    /* Fails with IC_ERR_IO where no complete answer came: no such host, refused, cut
     * off, too slow, cancelled, larger than IC_HTTP_ANSWER_MOST; or where the file
     * cannot be read; with IC_ERR_USAGE where none will come before somebody has done
     * something: a certificate that is not trusted. The answer is all zero then. Else
     * the caller frees body and location. */
    ic_status (*send)(struct ic_http_link *link, const struct ic_http_request *request,
                      struct ic_http_answer *answer, struct ic_error *error);
    void (*close)(struct ic_http_link *link); /* NULL is fine */
};

/* Loads the module; not from two threads at once. Fails (IC_ERR_IO) where it is not
 * there or of another build. */
ic_status ic_http_load(const struct ic_http **ret_http, struct ic_error *error);

#endif
