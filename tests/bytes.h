/* SPDX-License-Identifier: MIT */
/*
 * A growing byte string, from which tests assemble bad files.
 */
#ifndef IC_TESTS_BYTES_H
#define IC_TESTS_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All zero is an empty string. bytes_free frees it. */
struct bytes {
    unsigned char *at;
    size_t size, room;
};

static inline void bytes_put(struct bytes *out, const void *bytes, size_t size)
{
    if (size > out->room - out->size) {
        out->room = 2 * (out->size + size);
        out->at = realloc(out->at, out->room);
        if (out->at == NULL)
            exit(99);
    }
    if (size > 0)
        memcpy(out->at + out->size, bytes, size);
    out->size += size;
}

static inline void bytes_text(struct bytes *out, const char *text)
{
    bytes_put(out, text, strlen(text));
}

/* Appends the low `size` bytes of a number, lowest byte first. */
static inline void bytes_number(struct bytes *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes_put(out, &(unsigned char){(unsigned char)(i < 8 ? value >> 8 * i : 0)},
                  1);
}

/* Appends the same byte `count` times. */
static inline void bytes_fill(struct bytes *out, unsigned char byte, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes_put(out, &byte, 1);
}

static inline void bytes_clear(struct bytes *out)
{
    out->size = 0;
}

static inline void bytes_free(struct bytes *out)
{
    free(out->at);
    *out = (struct bytes){0};
}

/* Writes the bytes as a new file. Some file systems flush a file to the disk at once
 * when it is truncated and rewritten, which takes a test of thousands of files a
 * minute. */
static inline void bytes_write(const char *path, const void *bytes, size_t size)
{
    FILE *stream;

    remove(path);
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size ||
        fclose(stream) != 0) {
        perror(path);
        exit(99);
    }
}

#endif
