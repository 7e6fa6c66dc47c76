/* SPDX-License-Identifier: MIT */
/*
 * A list of blocks, each handed out from its start. An object that fits in no block
 * gets a block of its own size.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

enum { BLOCK_BYTES = 16384, ALIGNMENT = _Alignof(max_align_t) };

struct ic_arena_block {
    struct ic_arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};

/* Puts a fresh block of at least `bytes` bytes in front; false when out of memory. */
static bool add_block(struct ic_arena *arena, size_t bytes)
{
    const size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct ic_arena_block *block;

    block = calloc(1, sizeof *block + size);
    if (block == NULL)
        return false;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return true;
}

void *ic_arena_alloc(struct ic_arena *arena, size_t count, size_t size)
{
    struct ic_arena_block *block = arena->blocks;
    size_t bytes;
    void *object;

    /* No C object is larger than half of the address space. */
    if (!ic_size_mul(count, size, &bytes) || bytes > PTRDIFF_MAX - 4096)
        return NULL;
    bytes = ic_size_align(bytes > 0 ? bytes : 1, ALIGNMENT);
    if (block == NULL || block->size - block->used < bytes) {
        if (!add_block(arena, bytes))
            return NULL;
        block = arena->blocks;
    }
    object = block->bytes + block->used;
    block->used += bytes;
    return object;
}

char *ic_arena_strndup(struct ic_arena *arena, const char *text, size_t length)
{
    const size_t used = strnlen(text, length);
    char *copy = ic_arena_alloc(arena, used + 1, 1);

    if (copy != NULL)
        memcpy(copy, text, used);
    return copy;
}

char *ic_arena_strdup(struct ic_arena *arena, const char *text)
{
    return ic_arena_strndup(arena, text, strlen(text));
}

char *ic_arena_format(struct ic_arena *arena, const char *format, ...)
{
    va_list args, again;
    char *text = NULL;
    int length;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    if (length >= 0)
        text = ic_arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void ic_arena_free(struct ic_arena *arena)
{
    while (arena->blocks != NULL) {
        struct ic_arena_block *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
}
