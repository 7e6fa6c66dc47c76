/* SPDX-License-Identifier: MIT */
/*
 * An arena holds many small host objects that have one owner and are freed together
 * (the nodes and names of a graph, the samples of a data set).
 */
#ifndef IC_BASE_ARENA_H
#define IC_BASE_ARENA_H

#include <stddef.h>

struct ic_arena_block;

/* An arena of all zeros is empty. */
struct ic_arena {
    struct ic_arena_block *blocks;
};

/* Zeroed memory for `count` objects of `size` bytes, aligned for any type, or NULL when
 * out of memory or count * size overflows. Owned by the arena. */
void *ic_arena_alloc(struct ic_arena *arena, size_t count, size_t size);

/* A copy of `text`, or of its first `length` bytes; NULL when out of memory. */
char *ic_arena_strdup(struct ic_arena *arena, const char *text);
char *ic_arena_strndup(struct ic_arena *arena, const char *text, size_t length);

/* A formatted string; NULL when out of memory. */
char *ic_arena_format(struct ic_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena is empty afterwards and may be used again. */
void ic_arena_free(struct ic_arena *arena);

#endif
