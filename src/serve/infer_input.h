/* SPDX-License-Identifier: MIT */
/*
 * The input of a request of the Open Inference Protocol: its description in the JSON,
 * and its data. Private to open_inference.c.
 */
#ifndef IC_SERVE_INFER_INPUT_H
#define IC_SERVE_INFER_INPUT_H

#include "serve/json_reader.h"
#include "serve/upload.h"

enum { IC_INFER_RANK = 4 };

/* The input as the JSON describes it. */
struct ic_infer_input {
    uint64_t shape[IC_INFER_RANK];
    int rank;
    struct ic_json_text datatype;
    uint8_t *data; /* where the array begins in the JSON; NULL: there is no array */
    bool binary;   /* it has binary_data_size */
    uint64_t binary_size; /* bytes after the JSON */
    uint64_t elements;    /* of the shape */
};

/* Both functions add the pictures of an input whose type (`files`: BYTES, else UINT8)
 * and shape are checked. Refused: data that do not match them. */

/* Takes data in the JSON, which was read to its end and is now overwritten. */
ic_status ic_infer_take_json(struct ic_uploads *uploads,
                             const struct ic_infer_input *input, bool files,
                             const struct ic_json *whole, struct ic_error *error);

/* Takes the bytes after the JSON. */
ic_status ic_infer_take_binary(struct ic_uploads *uploads,
                               const struct ic_infer_input *input, bool files,
                               const uint8_t *bytes, size_t size,
                               struct ic_error *error);

#endif
