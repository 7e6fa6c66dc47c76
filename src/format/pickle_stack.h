/* SPDX-License-Identifier: MIT */
/*
 * The pickle machine's stack, memo and values: internal to pickle.c.
 *
 * The first failure sticks in `status`; every function does nothing after it.
 */
#ifndef IC_FORMAT_PICKLE_STACK_H
#define IC_FORMAT_PICKLE_STACK_H

#include <stdbool.h>

#include "format/pickle.h"

struct ic_pickle_machine {
    const uint8_t *bytes;
    size_t size, at;
    struct ic_arena *arena;
    const char *path;
    struct ic_pickle **stack;
    size_t depth, stack_capacity;
    struct ic_pickle **memo;
    size_t memo_count, memo_capacity;
    size_t values, links; /* made so far: the work is bounded */
    ic_status status;     /* the first failure sticks */
    struct ic_error *error;
};

/* The first failure; what the machine does after it has no effect. */
void ic_pickle_broken(struct ic_pickle_machine *m, const char *what);
void ic_pickle_too_much(struct ic_pickle_machine *m);

/* `count` bytes of the pickle; up to 16 zeros when they are not there. */
const uint8_t *ic_pickle_take(struct ic_pickle_machine *m, size_t count);

/* A little-endian number of at most 8 bytes. */
uint64_t ic_pickle_take_number(struct ic_pickle_machine *m, size_t bytes);

/* A new value; after a failure one that nobody may write to. */
struct ic_pickle *ic_pickle_make(struct ic_pickle_machine *m, enum ic_pickle_kind kind);

/* Appends to a list's, tuple's or dict's items. */
void ic_pickle_add(struct ic_pickle_machine *m, struct ic_pickle *list,
                   struct ic_pickle *item);

/* The stack of values; a mark on top of it is none. */
void ic_pickle_push(struct ic_pickle_machine *m, struct ic_pickle *value);
struct ic_pickle *ic_pickle_top(struct ic_pickle_machine *m);
struct ic_pickle *ic_pickle_pop(struct ic_pickle_machine *m);

/* The memo; a place is below the pickle's size. */
void ic_pickle_remember(struct ic_pickle_machine *m, size_t place);
void ic_pickle_recall(struct ic_pickle_machine *m, size_t place);

/* Values that stand in the pickle, `length` bytes long. */
void ic_pickle_push_text(struct ic_pickle_machine *m, uint64_t length);
void ic_pickle_push_int(struct ic_pickle_machine *m, int64_t integer);
void ic_pickle_push_long(struct ic_pickle_machine *m, uint64_t length);
void ic_pickle_push_opaque(struct ic_pickle_machine *m, uint64_t length);

/* The place behind the topmost mark. */
size_t ic_pickle_find_mark(struct ic_pickle_machine *m);

/* Takes what stands behind `first` into a tuple. */
void ic_pickle_push_tuple(struct ic_pickle_machine *m, size_t first);

/* Moves what stands behind `first` into the list or dict below it. */
void ic_pickle_put_in(struct ic_pickle_machine *m, size_t first, bool marked,
                      enum ic_pickle_kind kind);

#endif
