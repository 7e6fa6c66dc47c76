/* SPDX-License-Identifier: MIT */
/*
 * The pickle machine's stack, memo and values, all bounded. See pickle_stack.h.
 */
#include "format/pickle_stack.h"

#include <stdlib.h>
#include <string.h>

#define MAX_VALUES ((size_t)4 << 20)
#define MAX_TEXT   ((size_t)1 << 20)

/* Records the first failure; nothing that the machine does after it has an effect. */
void ic_pickle_broken(struct ic_pickle_machine *m, const char *what)
{
    if (m->status == IC_OK)
        m->status = ic_fail(m->error, IC_ERR_FORMAT,
                            "%s: not a checkpoint that im2cat reads: %s at byte %zu of "
                            "its pickle",
                            m->path, what, m->at);
}

void ic_pickle_too_much(struct ic_pickle_machine *m)
{
    if (m->status == IC_OK)
        m->status = ic_fail(m->error, IC_ERR_LIMIT,
                            "%s: its pickle holds more than %zu values, or there is no "
                            "memory for them",
                            m->path, MAX_VALUES);
}

/* --- bytes ------------------------------------------------------------------------ */

/* Takes `count` bytes; zeros past the end. */
const uint8_t *ic_pickle_take(struct ic_pickle_machine *m, size_t count)
{
    static const uint8_t zeros[16];
    const uint8_t *at = m->bytes + m->at;

    if (m->status == IC_OK && count <= m->size - m->at) {
        m->at += count;
        return at;
    }
    ic_pickle_broken(m, "the file is cut off");
    return zeros;
}

uint64_t ic_pickle_take_number(struct ic_pickle_machine *m, size_t bytes)
{
    const uint8_t *at = ic_pickle_take(m, bytes);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* --- values ----------------------------------------------------------------------- */

static struct ic_pickle spare; /* read, never written, after a failure */

struct ic_pickle *ic_pickle_make(struct ic_pickle_machine *m, enum ic_pickle_kind kind)
{
    struct ic_pickle *value = NULL;

    if (m->status == IC_OK && m->values++ < MAX_VALUES)
        value = ic_arena_alloc(m->arena, 1, sizeof *value);
    if (value == NULL) {
        ic_pickle_too_much(m);
        return &spare;
    }
    *value = (struct ic_pickle){.kind = kind};
    return value;
}

void ic_pickle_add(struct ic_pickle_machine *m, struct ic_pickle *list,
                   struct ic_pickle *item)
{
    if (m->status != IC_OK)
        return;
    if (++m->links > 2 * MAX_VALUES) {
        ic_pickle_too_much(m);
        return;
    }
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 4;
        struct ic_pickle **items = ic_arena_alloc(m->arena, capacity, sizeof(void *));

        if (items == NULL) {
            ic_pickle_too_much(m);
            return;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
}

static bool grow(struct ic_pickle ***array, size_t *capacity, size_t needed)
{
    struct ic_pickle **grown;
    size_t more = *capacity ? *capacity : 64;

    while (more < needed)
        more *= 2;
    if (more == *capacity)
        return true;
    grown = realloc(*array, more * sizeof *grown);
    if (grown == NULL)
        return false;
    memset(grown + *capacity, 0, (more - *capacity) * sizeof *grown);
    *array = grown;
    *capacity = more;
    return true;
}

void ic_pickle_push(struct ic_pickle_machine *m, struct ic_pickle *value)
{
    if (m->status != IC_OK)
        return;
    if (++m->links > 2 * MAX_VALUES ||
        !grow(&m->stack, &m->stack_capacity, m->depth + 1)) {
        ic_pickle_too_much(m);
        return;
    }
    m->stack[m->depth++] = value;
}

struct ic_pickle *ic_pickle_top(struct ic_pickle_machine *m)
{
    if (m->status == IC_OK && m->depth > 0 &&
        m->stack[m->depth - 1]->kind != IC_PICKLE_MARK)
        return m->stack[m->depth - 1];
    ic_pickle_broken(m, "a value is missing");
    return &spare;
}

struct ic_pickle *ic_pickle_pop(struct ic_pickle_machine *m)
{
    struct ic_pickle *value = ic_pickle_top(m);

    if (m->status == IC_OK)
        m->depth--;
    return value;
}

void ic_pickle_remember(struct ic_pickle_machine *m, size_t place)
{
    struct ic_pickle *value = ic_pickle_top(m);

    /* Places are numbered in turn, and each takes more than a byte of the pickle. */
    if (place >= m->size)
        ic_pickle_broken(m, "a memo beyond its size");
    if (m->status != IC_OK)
        return;
    if (place > MAX_VALUES || !grow(&m->memo, &m->memo_capacity, place + 1)) {
        ic_pickle_too_much(m);
        return;
    }
    m->memo[place] = value;
    m->memo_count++;
}

void ic_pickle_recall(struct ic_pickle_machine *m, size_t place)
{
    if (place < m->memo_capacity && m->memo[place] != NULL)
        ic_pickle_push(m, m->memo[place]);
    else
        ic_pickle_broken(m, "an unknown memo");
}

void ic_pickle_push_text(struct ic_pickle_machine *m, uint64_t length)
{
    struct ic_pickle *value = ic_pickle_make(m, IC_PICKLE_TEXT);
    const uint8_t *text;

    if (length > MAX_TEXT || length > m->size - m->at) {
        ic_pickle_broken(m, "a text that is too long");
        return;
    }
    text = ic_pickle_take(m, (size_t)length);
    if (m->status != IC_OK)
        return;
    if (memchr(text, 0, (size_t)length) != NULL) {
        ic_pickle_broken(m, "a text with a zero in it");
        return;
    }
    value->text = ic_arena_strndup(m->arena, (const char *)text, (size_t)length);
    if (value->text == NULL)
        ic_pickle_too_much(m);
    ic_pickle_push(m, value);
}

void ic_pickle_push_int(struct ic_pickle_machine *m, int64_t integer)
{
    struct ic_pickle *value = ic_pickle_make(m, IC_PICKLE_INT);

    if (m->status == IC_OK)
        value->integer = integer;
    ic_pickle_push(m, value);
}

/* Pushes a number of any length; a number of more than 8 bytes is opaque. */
void ic_pickle_push_long(struct ic_pickle_machine *m, uint64_t length)
{
    if (length > 8) {
        if (length > m->size - m->at) {
            ic_pickle_broken(m, "the file is cut off");
            return;
        }
        ic_pickle_take(m, (size_t)length);
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_OPAQUE));
        return;
    }
    {
        uint64_t bits = ic_pickle_take_number(m, (size_t)length);

        if (length > 0 && length < 8 && (bits >> (8 * length - 1) & 1))
            bits |= UINT64_MAX << 8 * length;
        ic_pickle_push_int(m, (int64_t)bits);
    }
}

void ic_pickle_push_opaque(struct ic_pickle_machine *m, uint64_t length)
{
    if (length > m->size - m->at)
        ic_pickle_broken(m, "the file is cut off");
    else
        ic_pickle_take(m, (size_t)length);
    ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_OPAQUE));
}

/* The index above the topmost mark. */
size_t ic_pickle_find_mark(struct ic_pickle_machine *m)
{
    for (size_t i = m->depth; m->status == IC_OK && i > 0; i--)
        if (m->stack[i - 1]->kind == IC_PICKLE_MARK)
            return i;
    ic_pickle_broken(m, "a mark is missing");
    return 0;
}

void ic_pickle_push_tuple(struct ic_pickle_machine *m, size_t first)
{
    struct ic_pickle *tuple = ic_pickle_make(m, IC_PICKLE_TUPLE);

    for (size_t i = first; m->status == IC_OK && i < m->depth; i++) {
        if (m->stack[i]->kind == IC_PICKLE_MARK)
            ic_pickle_broken(m, "a mark among items");
        ic_pickle_add(m, tuple, m->stack[i]);
    }
    if (m->status == IC_OK)
        m->depth = first;
    ic_pickle_push(m, tuple);
}

/* Moves the values from `first` on into the list or dict below them. */
void ic_pickle_put_in(struct ic_pickle_machine *m, size_t first, bool marked,
                      enum ic_pickle_kind kind)
{
    const size_t below = first - (marked ? 1 : 0);
    struct ic_pickle *owner;

    if (m->status != IC_OK || first > m->depth || below < 1) {
        ic_pickle_broken(m, "a value is missing");
        return;
    }
    owner = m->stack[below - 1];
    if (owner->kind == IC_PICKLE_OPAQUE) {
        m->depth = below;
        return;
    }
    if (owner->kind != kind ||
        (kind == IC_PICKLE_DICT && (m->depth - first) % 2 != 0)) {
        ic_pickle_broken(m, "items without an owner");
        return;
    }
    for (size_t i = first; i < m->depth; i++) {
        if (m->stack[i]->kind == IC_PICKLE_MARK)
            ic_pickle_broken(m, "a mark among items");
        ic_pickle_add(m, owner, m->stack[i]);
    }
    m->depth = below;
}
