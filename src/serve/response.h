/* SPDX-License-Identifier: MIT */
/*
 * An answer on its way out: a status, a body, and further headers. Errors are {"error":
 * "a sentence"}, which is also the Open Inference Protocol's form.
 */
#ifndef IC_SERVE_RESPONSE_H
#define IC_SERVE_RESPONSE_H

#include <jansson.h>
#include <stddef.h>

/* All zero at first. */
struct ic_response {
    int status;
    const char *type; /* of the body: a constant text */
    char *body;       /* owned; NULL: there was no memory for it */
    size_t size;
    int retry_after;    /* seconds; 0: not sent */
    const char *allow;  /* constant: the methods of a page; NULL: not sent */
    size_t json_length; /* bytes of JSON before binary data; 0: not sent */
};

/* Answers with the JSON, whose reference it takes; NULL means out of memory. */
void ic_response_json(struct ic_response *response, int status, json_t *json);

/* The same, and an allocation that failed since the thread had counted `before`
 * (base/jansson.h) means out of memory, too: for JSON of several parts. */
void ic_response_json_since(struct ic_response *response, int status, json_t *json,
                            unsigned before);

/* Answers with a sentence. Control characters in it become question marks. */
void ic_response_error(struct ic_response *response, int status, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* The reason phrase of a status that this server gives. */
const char *ic_response_phrase(int status);

void ic_response_free(struct ic_response *response);

#endif
