/* SPDX-License-Identifier: MIT */
/*
 * Describes a scoring request independently of HTTP: its body, the pictures in it, and
 * which of the two protocols the client speaks.
 */
#ifndef IC_SERVE_PROTOCOL_H
#define IC_SERVE_PROTOCOL_H

#include "serve/queue.h"
#include "serve/response.h"

/* The bytes may be changed in place, since Base64 is decoded there. */
struct ic_body {
    uint8_t *bytes;
    size_t size;
    const char *type;        /* Content-Type; NULL: not said */
    const char *json_length; /* Inference-Header-Content-Length; NULL: not said */
};

enum { IC_REQUEST_ID = 128 };

/* What else a request of the Open Inference Protocol asks for. */
struct ic_infer_wish {
    char id[IC_REQUEST_ID];    /* to be repeated in the answer; "": none */
    bool probabilities, class; /* outputs */
    bool probabilities_binary, class_binary;
};

struct ic_request {
    const char *model_name;
    struct ic_scoring scoring;
    struct ic_infer_wish wish;
};

struct ic_protocol {
    /* Finds the pictures in the body and puts them into request->scoring.uploads.
     * Refused: a body in none of the protocol's forms (IC_ERR_FORMAT), and more
     * pictures than the uploads' limit (IC_ERR_LIMIT). */
    ic_status (*read)(struct ic_request *request, struct ic_body *body,
                      struct ic_error *error);

    /* Answers a request whose pictures have all been scored. */
    void (*answer)(struct ic_response *response, const struct ic_request *request);
};

/* {"predictions": [...]}, from picture files, forms, or JSON. */
extern const struct ic_protocol ic_predictions_protocol;

/* The Open Inference Protocol, version 2, as KServe and Triton describe it, with its
 * binary tensor data extension. */
extern const struct ic_protocol ic_open_inference_protocol;

#endif
