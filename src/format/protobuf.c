/* SPDX-License-Identifier: MIT */
/*
 * Writes protobuf's wire format. See protobuf.h.
 *
 * The length of a message precedes it and is a varint of variable length. So when a
 * message ends, it is moved to make room for its length. That is cheap: names and
 * shapes are small, and the values, which sources provide, are not among the bytes but
 * in a list of the places where they belong.
 */
#include "format/protobuf.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define MAX_DEPTH  8
#define MAX_VARINT 10 /* bytes: 64 bits, 7 per byte */

enum wire_type { WIRE_VARINT = 0, WIRE_LENGTH = 2, WIRE_4_BYTES = 5 };

/* Values that belong in front of byte `at`. */
struct place {
    size_t at, size;
    struct ic_source source;
};

/* A message that has begun. */
struct open_message {
    size_t at;      /* where its content begins */
    size_t places;  /* number of places before it */
    size_t sourced; /* bytes of these places */
};

struct ic_protobuf {
    uint8_t *bytes;
    size_t size, room;
    struct place *places; /* in file order */
    size_t place_count, place_room;
    size_t sourced; /* bytes of all places */
    struct open_message open[MAX_DEPTH];
    int depth;
    bool failed; /* out of memory, or a size overflowed */
};

struct ic_protobuf *ic_protobuf_new(void)
{
    return calloc(1, sizeof(struct ic_protobuf));
}

void ic_protobuf_free(struct ic_protobuf *message)
{
    if (message == NULL)
        return;
    free(message->bytes);
    free(message->places);
    free(message);
}

/* --- bytes ------------------------------------------------------------------------ */

/* Makes room for `more` elements after `count`; NULL when out of memory. */
static void *grow(void *list, size_t count, size_t more, size_t *room, size_t element)
{
    size_t wanted, bytes;
    void *larger;

    if (more <= *room - count)
        return list;
    if (!ic_size_add(count, more, &wanted) || !ic_size_mul(wanted, 2, &wanted) ||
        !ic_size_mul(wanted, element, &bytes) ||
        (larger = realloc(list, bytes)) == NULL)
        return NULL;
    *room = wanted;
    return larger;
}

/* Inserts bytes at `at`, before the bytes there. */
static void insert(struct ic_protobuf *message, size_t at, const void *bytes,
                   size_t size)
{
    uint8_t *larger;

    if (message->failed || size == 0)
        return;
    larger = grow(message->bytes, message->size, size, &message->room, 1);
    if (larger == NULL) {
        message->failed = true;
        return;
    }
    message->bytes = larger;
    memmove(larger + at + size, larger + at, message->size - at);
    memcpy(larger + at, bytes, size);
    message->size += size;
}

/* Returns how many bytes the number takes. */
static size_t encode(uint8_t varint[MAX_VARINT], uint64_t value)
{
    size_t size = 0;

    while (value > 0x7f) {
        varint[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    varint[size++] = (uint8_t)value;
    return size;
}

static void add_varint(struct ic_protobuf *message, uint64_t value)
{
    uint8_t varint[MAX_VARINT];

    insert(message, message->size, varint, encode(varint, value));
}

static void add_key(struct ic_protobuf *message, int field, enum wire_type type)
{
    assert(field > 0);
    add_varint(message, (uint64_t)field << 3 | type);
}

/* --- fields ----------------------------------------------------------------------- */

void ic_protobuf_int(struct ic_protobuf *message, int field, int64_t value)
{
    add_key(message, field, WIRE_VARINT);
    add_varint(message, (uint64_t)value);
}

void ic_protobuf_float(struct ic_protobuf *message, int field, float value)
{
    add_key(message, field, WIRE_4_BYTES);
    insert(message, message->size, &value, sizeof value);
}

void ic_protobuf_text(struct ic_protobuf *message, int field, const char *text)
{
    ic_protobuf_bytes(message, field, text, strlen(text));
}

void ic_protobuf_bytes(struct ic_protobuf *message, int field, const void *bytes,
                       size_t size)
{
    add_key(message, field, WIRE_LENGTH);
    add_varint(message, size);
    insert(message, message->size, bytes, size);
}

void ic_protobuf_source(struct ic_protobuf *message, int field, size_t size,
                        const struct ic_source *source)
{
    struct place *larger;

    add_key(message, field, WIRE_LENGTH);
    add_varint(message, size);
    larger = grow(message->places, message->place_count, 1, &message->place_room,
                  sizeof *larger);
    if (larger == NULL || !ic_size_add(message->sourced, size, &message->sourced)) {
        message->failed = true;
        return;
    }
    message->places = larger;
    larger[message->place_count++] = (struct place){message->size, size, *source};
}

void ic_protobuf_begin(struct ic_protobuf *message, int field)
{
    assert(message->depth < MAX_DEPTH);
    add_key(message, field, WIRE_LENGTH);
    message->open[message->depth++] =
        (struct open_message){message->size, message->place_count, message->sourced};
}

void ic_protobuf_end(struct ic_protobuf *message)
{
    const struct open_message *open;
    uint8_t varint[MAX_VARINT];
    size_t length, size;

    assert(message->depth > 0);
    open = &message->open[--message->depth];
    if (message->failed || !ic_size_add(message->size - open->at,
                                        message->sourced - open->sourced, &length)) {
        message->failed = true;
        return;
    }
    size = encode(varint, length);
    insert(message, open->at, varint, size);
    for (size_t i = open->places; i < message->place_count; i++)
        message->places[i].at += size;
}

/* --- the file --------------------------------------------------------------------- */

static ic_status write_all(const struct ic_protobuf *message,
                           struct ic_file_writer *file, struct ic_error *error)
{
    ic_status status = IC_OK;
    size_t done = 0;

    for (size_t i = 0; status == IC_OK && i < message->place_count; i++) {
        const struct place *place = &message->places[i];

        status =
            ic_file_writer_add(file, message->bytes + done, place->at - done, error);
        if (status == IC_OK)
            status = ic_source_write(&place->source, place->size, file, error);
        done = place->at;
    }
    if (status == IC_OK)
        status = ic_file_writer_add(file, message->bytes + done, message->size - done,
                                    error);
    return status;
}

ic_status ic_protobuf_commit(struct ic_protobuf *message, const char *path,
                             struct ic_error *error)
{
    struct ic_file_writer file = {0};
    size_t size;
    ic_status status;

    assert(message->depth == 0);
    if (message->failed || !ic_size_add(message->size, message->sourced, &size))
        return ic_fail_memory(error, path, 0);
    if (size > INT32_MAX)
        return ic_fail(error, IC_ERR_LIMIT,
                       "cannot write %s: it would have %zu bytes, and a protobuf file "
                       "has at most %d",
                       path, size, INT32_MAX);
    status = ic_file_writer_open(&file, path, error);
    if (status == IC_OK)
        status = write_all(message, &file, error);
    if (status == IC_OK)
        status = ic_file_writer_commit(&file, error);
    ic_file_writer_abort(&file);
    return status;
}
