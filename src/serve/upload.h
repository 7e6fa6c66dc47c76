/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a request as received: bytes of picture files, or pixels. They lie in
 * the request's body, which outlives them.
 */
#ifndef IC_SERVE_UPLOAD_H
#define IC_SERVE_UPLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ic_upload {
    const uint8_t *bytes; /* a file, or height x width x 3 of 8-bit RGB */
    size_t size;
    int height, width; /* of pixels; 0 for a file */
    const char *name;  /* the client's, name_length bytes; NULL: none */
    size_t name_length;
};

/* All zero but for the limit is empty. */
struct ic_uploads {
    struct ic_upload *items; /* owned */
    size_t count, room;
    size_t limit; /* pictures of a request */
};

/* Refused (IC_ERR_LIMIT): more pictures than the limit, or no memory. */
ic_status ic_uploads_add(struct ic_uploads *uploads, const struct ic_upload *upload,
                         struct ic_error *error);
void ic_uploads_free(struct ic_uploads *uploads);

enum { IC_UPLOAD_NAME = 128 };

/* Writes the picture's name for messages: "the picture" where it is the only one,
 * "picture 2", "picture 2 (cat.jpg)". Returns `out`, of IC_UPLOAD_NAME bytes. */
char *ic_upload_name(const struct ic_uploads *uploads, size_t index, char *out);

#endif
