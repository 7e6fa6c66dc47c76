/* SPDX-License-Identifier: MIT */
/*
 * Writes the part of protobuf's wire format that ONNX needs.
 *
 * A message is a sequence of fields. A field is a key, the varint number << 3 | type,
 * and a value: a varint (type 0), 4 bytes (type 5), or a length and that many bytes
 * (type 2), which are a text, a block of numbers or a message. A varint has 7 bits per
 * byte, the lowest first; all bytes but the last have the top bit set.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/.
 */
#ifndef IC_FORMAT_PROTOBUF_H
#define IC_FORMAT_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "format/source.h"

/* A message under construction, all in memory except the values of sources. The first
 * failure (out of memory) sticks and is returned by the commit. */
struct ic_protobuf;

struct ic_protobuf *ic_protobuf_new(void);          /* NULL: no memory */
void ic_protobuf_free(struct ic_protobuf *message); /* NULL is fine */

/* Each function adds a field to the innermost open message. Texts and bytes are copied.
 */
void ic_protobuf_int(struct ic_protobuf *message, int field, int64_t value);
void ic_protobuf_float(struct ic_protobuf *message, int field, float value);
void ic_protobuf_text(struct ic_protobuf *message, int field, const char *text);
void ic_protobuf_bytes(struct ic_protobuf *message, int field, const void *bytes,
                       size_t size);

/* The same with `size` bytes that are read while the file is written; the source's
 * context must stay valid until then. */
void ic_protobuf_source(struct ic_protobuf *message, int field, size_t size,
                        const struct ic_source *source);

/* Begin and end a field that is a message, to which all fields added in between belong.
 * Nested at most 8 deep. */
void ic_protobuf_begin(struct ic_protobuf *message, int field);
void ic_protobuf_end(struct ic_protobuf *message);

/* Writes the message as the whole content of `path`, atomically: on failure, also of a
 * source's read, an existing file is left as it was. Refuses (IC_ERR_LIMIT) more than
 * 2^31 - 1 bytes, which no reader that conforms to the format accepts. */
ic_status ic_protobuf_commit(struct ic_protobuf *message, const char *path,
                             struct ic_error *error);

#endif
