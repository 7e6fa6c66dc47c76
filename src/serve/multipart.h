/* SPDX-License-Identifier: MIT */
/*
 * Forms: multipart/form-data (RFC 7578, RFC 2046 5.1) in which every part is a picture.
 */
#ifndef IC_SERVE_MULTIPART_H
#define IC_SERVE_MULTIPART_H

#include "serve/upload.h"

/* Adds the parts of a body, in order, with the names of their files. `type` is the
 * Content-Type, which contains the boundary. Refused (IC_ERR_FORMAT): a type without a
 * boundary, a body that does not begin or end with it, a part without an empty line
 * after its header, a body without parts; and whatever ic_uploads_add refuses. */
ic_status ic_multipart_read(struct ic_uploads *uploads, const uint8_t *bytes,
                            size_t size, const char *type, struct ic_error *error);

#endif
