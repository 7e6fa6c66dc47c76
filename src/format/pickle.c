/* SPDX-License-Identifier: MIT */
/*
 * The pickle machine's opcodes. See pickle.h; globals and calls are in
 * pickle_globals.c.
 */
#include "format/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "format/pickle_globals.h"

/* --- opcodes ---------------------------------------------------------------------- */

/* Executes opcodes that push a constant; false for others. */
static bool push_constant(struct ic_pickle_machine *m, int opcode)
{
    switch (opcode) {
    case '(':
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_MARK));
        return true;
    case 'N':
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_NONE));
        return true;
    case 0x88: /* True */
    case 0x89:
        ic_pickle_push_int(m, opcode == 0x88);
        return true;
    case 'J':
        ic_pickle_push_int(m, (int32_t)ic_pickle_take_number(m, 4));
        return true;
    case 'K':
        ic_pickle_push_int(m, (int64_t)ic_pickle_take_number(m, 1));
        return true;
    case 'M':
        ic_pickle_push_int(m, (int64_t)ic_pickle_take_number(m, 2));
        return true;
    case 0x8a:
        ic_pickle_push_long(m, ic_pickle_take_number(m, 1));
        return true;
    case 0x8b:
        ic_pickle_push_long(m, ic_pickle_take_number(m, 4));
        return true;
    case 'G':
        ic_pickle_push_opaque(m, 8);
        return true;
    case 'X':
    case 'T':
        ic_pickle_push_text(m, ic_pickle_take_number(m, 4));
        return true;
    case 0x8c:
    case 'U':
        ic_pickle_push_text(m, ic_pickle_take_number(m, 1));
        return true;
    case 'C':
        ic_pickle_push_opaque(m, ic_pickle_take_number(m, 1));
        return true;
    case 'B':
        ic_pickle_push_opaque(m, ic_pickle_take_number(m, 4));
        return true;
    default:
        return false;
    }
}

/* Executes opcodes that build lists, tuples, dicts and objects; false for others. */
static bool build(struct ic_pickle_machine *m, int opcode)
{
    const struct ic_pickle *object;

    switch (opcode) {
    case ')':
        ic_pickle_push_tuple(m, m->depth);
        return true;
    case 0x85:
    case 0x86:
    case 0x87:
        if (m->depth < (size_t)opcode - 0x84)
            ic_pickle_broken(m, "a value is missing");
        else
            ic_pickle_push_tuple(m, m->depth - ((size_t)opcode - 0x84));
        return true;
    case 't': {
        const size_t first = ic_pickle_find_mark(m);
        struct ic_pickle *tuple;

        ic_pickle_push_tuple(m, first);
        tuple = ic_pickle_top(m);
        if (m->status == IC_OK) { /* replaces the mark */
            m->depth--;
            m->stack[m->depth - 1] = tuple;
        }
        return true;
    }
    case ']':
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_LIST));
        return true;
    case '}':
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_DICT));
        return true;
    case 'a':
        ic_pickle_put_in(m, m->depth - (m->depth > 0), false, IC_PICKLE_LIST);
        return true;
    case 'e':
        ic_pickle_put_in(m, ic_pickle_find_mark(m), true, IC_PICKLE_LIST);
        return true;
    case 's':
        ic_pickle_put_in(m, m->depth - (m->depth > 1 ? 2 : 0), false, IC_PICKLE_DICT);
        return true;
    case 'u':
        ic_pickle_put_in(m, ic_pickle_find_mark(m), true, IC_PICKLE_DICT);
        return true;
    case 'b': /* attributes, such as a state dict's _metadata: ignored */
        ic_pickle_pop(m);
        object = ic_pickle_top(m);
        if (object->kind != IC_PICKLE_DICT && object->kind != IC_PICKLE_OPAQUE)
            ic_pickle_broken(m, "attributes of something that has none");
        return true;
    case 'R':
        ic_pickle_reduce(m);
        return true;
    case 0x92: /* an object of a class, also with named arguments */
        ic_pickle_pop(m);
        ic_pickle_new_object(m);
        return true;
    case 0x81: /* an object of a class, without named arguments */
        ic_pickle_new_object(m);
        return true;
    case 0x8f: /* an empty set */
        ic_pickle_push(m, ic_pickle_make(m, IC_PICKLE_OPAQUE));
        return true;
    case 0x90: /* items of a set */
        ic_pickle_put_in(m, ic_pickle_find_mark(m), true, IC_PICKLE_OPAQUE);
        return true;
    case 'Q':
        ic_pickle_persistent(m);
        return true;
    default:
        return false;
    }
}

static void step(struct ic_pickle_machine *m, int opcode)
{
    if (push_constant(m, opcode) || build(m, opcode))
        return;
    switch (opcode) {
    case 0x80: /* protocol */
        if (ic_pickle_take_number(m, 1) > 5)
            ic_pickle_broken(m, "an unknown protocol");
        return;
    case 0x95: /* a frame's length: its opcodes follow */
        ic_pickle_take(m, 8);
        return;
    case 'c': {
        const char *module = ic_pickle_take_line(m), *name = ic_pickle_take_line(m);

        ic_pickle_push_global(m, module, name);
        return;
    }
    case 0x93:
        ic_pickle_stack_global(m);
        return;
    case 'q':
        ic_pickle_remember(m, (size_t)ic_pickle_take_number(m, 1));
        return;
    case 'r':
        ic_pickle_remember(m, (size_t)ic_pickle_take_number(m, 4));
        return;
    case 0x94:
        ic_pickle_remember(m, m->memo_count);
        return;
    case 'h':
        ic_pickle_recall(m, (size_t)ic_pickle_take_number(m, 1));
        return;
    case 'j':
        ic_pickle_recall(m, (size_t)ic_pickle_take_number(m, 4));
        return;
    case '0':
        ic_pickle_pop(m);
        return;
    default:
        ic_pickle_broken(m, "an opcode that no state dict needs");
    }
}

ic_status ic_pickle_read(const uint8_t *bytes, size_t size, size_t *at,
                         struct ic_arena *arena, const char *path,
                         struct ic_pickle **ret_value, struct ic_error *error)
{
    struct ic_pickle_machine m = {.bytes = bytes,
                                  .size = size,
                                  .at = *at,
                                  .arena = arena,
                                  .path = path,
                                  .error = error};

    while (m.status == IC_OK) {
        const int opcode = ic_pickle_take(&m, 1)[0];

        if (opcode == '.' && m.status == IC_OK)
            break;
        step(&m, opcode);
    }
    *ret_value = ic_pickle_pop(&m);
    if (m.depth != 0)
        ic_pickle_broken(&m, "values are left over");
    *at = m.at;
    free(m.stack);
    free(m.memo);
    return m.status;
}

const struct ic_pickle *ic_pickle_get(const struct ic_pickle *dict, const char *key)
{
    if (dict->kind != IC_PICKLE_DICT)
        return NULL;
    for (size_t i = 0; i + 1 < dict->count; i += 2)
        if (dict->items[i]->kind == IC_PICKLE_TEXT &&
            strcmp(dict->items[i]->text, key) == 0)
            return dict->items[i + 1];
    return NULL;
}
