/* SPDX-License-Identifier: MIT */
/*
 * Reads protobuf's wire format field by field, for tests, independently of the writer.
 */
#ifndef IC_TESTS_PROTOBUF_READER_H
#define IC_TESTS_PROTOBUF_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

/* The bytes of a message not yet read. */
struct message {
    const uint8_t *at, *end;
};

struct field {
    int number, type;
    uint64_t number_value;  /* of type 0, or the 4 bytes of type 5 */
    struct message content; /* of type 2 */
};

static inline uint64_t message_varint(struct message *message)
{
    uint64_t value = 0;

    for (int shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        const uint8_t byte = *message->at++;

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    CHECK_FAIL("a varint does not end");
    message->at = message->end;
    return 0;
}

/* The next field; false at the end. */
static inline bool message_next(struct message *message, struct field *field)
{
    uint64_t key, size;

    *field = (struct field){0};
    if (message->at >= message->end)
        return false;
    key = message_varint(message);
    field->number = (int)(key >> 3);
    field->type = (int)(key & 7);
    if (field->type == 0) {
        field->number_value = message_varint(message);
        return true;
    }
    size = field->type == 5 ? 4 : message_varint(message);
    if ((field->type != 2 && field->type != 5) ||
        size > (uint64_t)(message->end - message->at)) {
        CHECK_FAIL("field %d of type %d has %llu bytes", field->number, field->type,
                   (unsigned long long)size);
        message->at = message->end;
        return false;
    }
    field->content = (struct message){message->at, message->at + size};
    if (field->type == 5)
        for (int i = 0; i < 4; i++)
            field->number_value |= (uint64_t)message->at[i] << 8 * i;
    message->at += size;
    return true;
}

/* The first field of that number; type -1 where none exists. */
static inline struct field message_find(struct message message, int number)
{
    struct field field;

    while (message_next(&message, &field))
        if (field.number == number)
            return field;
    return (struct field){.type = -1};
}

static inline size_t message_size(struct message message)
{
    return (size_t)(message.end - message.at);
}

/* Whether the content is that text. */
static inline bool message_is(struct message content, const char *text)
{
    return message_size(content) == strlen(text) &&
           memcmp(content.at, text, strlen(text)) == 0;
}

/* The content as a text, in `out`. */
static inline const char *message_text(struct message content, char out[256])
{
    const size_t size = message_size(content) < 255 ? message_size(content) : 255;

    memcpy(out, content.at ? content.at : (const uint8_t *)"", size);
    out[size] = '\0';
    return out;
}

#endif
