/* SPDX-License-Identifier: MIT */
/*
 * The pickle machine's stack, memo and values: internal to pickle.c.
 *
 * The first failure sticks in `status`; after it every function does nothing.
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
    size_t values, links; /* made so far, to bound the work */
    ic_status status;     /* the first failure sticks */
    struct ic_error *error;
};

/* Record the first failure; nothing that the machine does after it has an effect. */
void ic_pickle_broken(struct ic_pickle_machine *m, const char *what);
void ic_pickle_too_much(struct ic_pickle_machine *m);

/* Takes `count` bytes of the pickle; up to 16 zeros past its end. */
const uint8_t *ic_pickle_take(struct ic_pickle_machine *m, size_t count);

/* Takes a little-endian number of at most 8 bytes. */
uint64_t ic_pickle_take_number(struct ic_pickle_machine *m, size_t bytes);

/* Makes a value; after a failure, a shared one that must not be written to. */
struct ic_pickle *ic_pickle_make(struct ic_pickle_machine *m, enum ic_pickle_kind kind);

/* Appends to a list's, tuple's or dict's items. */
void ic_pickle_add(struct ic_pickle_machine *m, struct ic_pickle *list,
                   struct ic_pickle *item);

/* The stack of values; a mark on top is not a value. */
void ic_pickle_push(struct ic_pickle_machine *m, struct ic_pickle *value);
struct ic_pickle *ic_pickle_top(struct ic_pickle_machine *m);
struct ic_pickle *ic_pickle_pop(struct ic_pickle_machine *m);

/* The memo; `place` is below the pickle's size. */
void ic_pickle_remember(struct ic_pickle_machine *m, size_t place);
void ic_pickle_recall(struct ic_pickle_machine *m, size_t place);

/* Push values; texts, longs and opaque values are the pickle's next `length` bytes. */
void ic_pickle_push_text(struct ic_pickle_machine *m, uint64_t length);
void ic_pickle_push_int(struct ic_pickle_machine *m, int64_t integer);
void ic_pickle_push_long(struct ic_pickle_machine *m, uint64_t length);
void ic_pickle_push_opaque(struct ic_pickle_machine *m, uint64_t length);

/* The index above the topmost mark. */
size_t ic_pickle_find_mark(struct ic_pickle_machine *m);

/* Moves the values from `first` on into a tuple and pushes it. */
void ic_pickle_push_tuple(struct ic_pickle_machine *m, size_t first);

/* Moves the values from `first` on into the list or dict below them. */
void ic_pickle_put_in(struct ic_pickle_machine *m, size_t first, bool marked,
                      enum ic_pickle_kind kind);

#endif
