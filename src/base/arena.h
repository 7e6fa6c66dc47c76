/* SPDX-License-Identifier: MIT */
/*
 * An arena: many small host objects with one owner and one end of life (the
 * nodes and names of a graph, the samples of a data set). Freed at once.
 */
#ifndef IC_BASE_ARENA_H
#define IC_BASE_ARENA_H

#include <stddef.h>

struct ic_arena_block;

/* All zero is an empty arena. */
struct ic_arena {
    struct ic_arena_block *blocks;
};

/* Zeroed memory for `count` objects of `size` bytes, aligned for any type, or NULL when
 * there is none (count * size that overflows included). Owned by the arena. */
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
