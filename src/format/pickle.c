/*
 * The pickle machine. See pickle.h.
 */
#include "format/pickle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUES ((size_t)4 << 20)
#define MAX_TEXT   ((size_t)1 << 20)

struct machine {
    const uint8_t *bytes;
    size_t size, at;
    struct ic_arena *arena;
    const char *path;
    struct ic_pickle **stack;
    size_t depth, stack_room;
    struct ic_pickle **memo;
    size_t memo_count, memo_room;
    size_t values, links; /* made so far: the work is bounded */
    ic_status status;     /* the first failure sticks */
    struct ic_error *error;
};

/* The first failure; what the machine does after it has no effect. */
static void broken(struct machine *m, const char *what)
{
    if (m->status == IC_OK)
        m->status = ic_fail(m->error, IC_ERR_FORMAT,
                            "%s: not a checkpoint that im2cat reads: %s at byte %zu of "
                            "its pickle",
                            m->path, what, m->at);
}

static void too_much(struct machine *m)
{
    if (m->status == IC_OK)
        m->status = ic_fail(m->error, IC_ERR_LIMIT,
                            "%s: its pickle holds more than %zu values, or there is no "
                            "memory for them",
                            m->path, MAX_VALUES);
}

/* --- bytes ------------------------------------------------------------------------ */

/* `count` bytes; zeros when they are not there. */
static const uint8_t *take(struct machine *m, size_t count)
{
    static const uint8_t zeros[16];
    const uint8_t *at = m->bytes + m->at;

    if (m->status == IC_OK && count <= m->size - m->at) {
        m->at += count;
        return at;
    }
    broken(m, "the file is cut off");
    return zeros;
}

static uint64_t take_number(struct machine *m, size_t bytes)
{
    const uint8_t *at = take(m, bytes);
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* --- values ----------------------------------------------------------------------- */

static struct ic_pickle spare; /* read, never written, after a failure */

static struct ic_pickle *make(struct machine *m, enum ic_pickle_kind kind)
{
    struct ic_pickle *value = NULL;

    if (m->status == IC_OK && m->values++ < MAX_VALUES)
        value = ic_arena_alloc(m->arena, 1, sizeof *value);
    if (value == NULL) {
        too_much(m);
        return &spare;
    }
    *value = (struct ic_pickle){.kind = kind};
    return value;
}

static void add(struct machine *m, struct ic_pickle *list, struct ic_pickle *item)
{
    if (m->status != IC_OK)
        return;
    if (++m->links > 2 * MAX_VALUES) {
        too_much(m);
        return;
    }
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 4;
        struct ic_pickle **items = ic_arena_alloc(m->arena, room, sizeof(void *));

        if (items == NULL) {
            too_much(m);
            return;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
}

static bool grow(struct ic_pickle ***array, size_t *room, size_t needed)
{
    struct ic_pickle **grown;
    size_t more = *room ? *room : 64;

    while (more < needed)
        more *= 2;
    if (more == *room)
        return true;
    grown = realloc(*array, more * sizeof *grown);
    if (grown == NULL)
        return false;
    memset(grown + *room, 0, (more - *room) * sizeof *grown);
    *array = grown;
    *room = more;
    return true;
}

static void push(struct machine *m, struct ic_pickle *value)
{
    if (m->status != IC_OK)
        return;
    if (++m->links > 2 * MAX_VALUES || !grow(&m->stack, &m->stack_room, m->depth + 1)) {
        too_much(m);
        return;
    }
    m->stack[m->depth++] = value;
}

static struct ic_pickle *top(struct machine *m)
{
    if (m->status == IC_OK && m->depth > 0)
        return m->stack[m->depth - 1];
    broken(m, "a value is missing");
    return &spare;
}

static struct ic_pickle *pop(struct machine *m)
{
    struct ic_pickle *value = top(m);

    if (m->status == IC_OK)
        m->depth--;
    if (value->kind == IC_PICKLE_MARK)
        broken(m, "a value is missing");
    return value;
}

static void remember(struct machine *m, size_t place)
{
    struct ic_pickle *value = top(m);

    if (m->status != IC_OK)
        return;
    if (place > MAX_VALUES || !grow(&m->memo, &m->memo_room, place + 1)) {
        too_much(m);
        return;
    }
    m->memo[place] = value;
    m->memo_count++;
}

static void recall(struct machine *m, size_t place)
{
    if (place < m->memo_room && m->memo[place] != NULL)
        push(m, m->memo[place]);
    else
        broken(m, "an unknown memo");
}

static void push_text(struct machine *m, uint64_t length)
{
    struct ic_pickle *value = make(m, IC_PICKLE_TEXT);
    const uint8_t *text;

    if (length > MAX_TEXT || length > m->size - m->at) {
        broken(m, "a text that is too long");
        return;
    }
    text = take(m, (size_t)length);
    if (m->status != IC_OK)
        return;
    if (memchr(text, 0, (size_t)length) != NULL) {
        broken(m, "a text with a zero in it");
        return;
    }
    value->text = ic_arena_strndup(m->arena, (const char *)text, (size_t)length);
    if (value->text == NULL)
        too_much(m);
    push(m, value);
}

static void push_int(struct machine *m, int64_t integer)
{
    struct ic_pickle *value = make(m, IC_PICKLE_INT);

    if (m->status == IC_OK)
        value->integer = integer;
    push(m, value);
}

/* A number of any length; those beyond 8 bytes are opaque. */
static void push_long(struct machine *m, uint64_t length)
{
    if (length > 8) {
        if (length > m->size - m->at) {
            broken(m, "the file is cut off");
            return;
        }
        take(m, (size_t)length);
        push(m, make(m, IC_PICKLE_OPAQUE));
        return;
    }
    {
        uint64_t bits = take_number(m, (size_t)length);

        if (length > 0 && length < 8 && (bits >> (8 * length - 1) & 1))
            bits |= UINT64_MAX << 8 * length;
        push_int(m, (int64_t)bits);
    }
}

static void push_opaque(struct machine *m, uint64_t length)
{
    if (length > m->size - m->at)
        broken(m, "the file is cut off");
    else
        take(m, (size_t)length);
    push(m, make(m, IC_PICKLE_OPAQUE));
}

/* The place behind the topmost mark. */
static size_t find_mark(struct machine *m)
{
    for (size_t i = m->depth; m->status == IC_OK && i > 0; i--)
        if (m->stack[i - 1]->kind == IC_PICKLE_MARK)
            return i;
    broken(m, "a mark is missing");
    return 0;
}

static void push_tuple(struct machine *m, size_t first)
{
    struct ic_pickle *tuple = make(m, IC_PICKLE_TUPLE);

    for (size_t i = first; m->status == IC_OK && i < m->depth; i++)
        add(m, tuple, m->stack[i]);
    if (m->status == IC_OK)
        m->depth = first;
    push(m, tuple);
}

/* Moves what stands behind `first` into the list or dict below it. */
static void put_in(struct machine *m, size_t first, bool marked,
                   enum ic_pickle_kind kind)
{
    const size_t below = first - (marked ? 1 : 0);
    struct ic_pickle *owner;

    if (m->status != IC_OK || first > m->depth || below < 1) {
        broken(m, "a value is missing");
        return;
    }
    owner = m->stack[below - 1];
    if (owner->kind != kind ||
        (kind == IC_PICKLE_DICT && (m->depth - first) % 2 != 0)) {
        broken(m, "items without an owner");
        return;
    }
    for (size_t i = first; i < m->depth; i++) {
        if (m->stack[i]->kind == IC_PICKLE_MARK)
            broken(m, "a mark among items");
        add(m, owner, m->stack[i]);
    }
    m->depth = below;
}

/* --- globals ---------------------------------------------------------------------- */

static const struct {
    const char *module, *name;
    enum ic_pickle_global global;
    enum ic_dtype dtype;
} globals[] = {
    {"collections", "OrderedDict", IC_PICKLE_ORDERED_DICT, 0},
    {"torch._utils", "_rebuild_tensor_v2", IC_PICKLE_REBUILD_TENSOR, 0},
    {"torch._utils", "_rebuild_parameter", IC_PICKLE_REBUILD_PARAMETER, 0},
    {"torch", "FloatStorage", IC_PICKLE_STORAGE_TYPE, IC_F32},
    {"torch", "HalfStorage", IC_PICKLE_STORAGE_TYPE, IC_F16},
    {"torch", "BFloat16Storage", IC_PICKLE_STORAGE_TYPE, IC_BF16},
    {"torch", "DoubleStorage", IC_PICKLE_STORAGE_TYPE, IC_F64},
    {"torch", "LongStorage", IC_PICKLE_STORAGE_TYPE, IC_I64},
    {"torch", "IntStorage", IC_PICKLE_STORAGE_TYPE, IC_I32},
    {"torch", "ByteStorage", IC_PICKLE_STORAGE_TYPE, IC_U8},
};

static void push_global(struct machine *m, const char *module, const char *name)
{
    struct ic_pickle *value = make(m, IC_PICKLE_GLOBAL);

    if (m->status != IC_OK)
        return;
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++)
        if (strcmp(module, globals[i].module) == 0 &&
            strcmp(name, globals[i].name) == 0) {
            value->global = globals[i].global;
            value->dtype = globals[i].dtype;
            push(m, value);
            return;
        }
    m->status = ic_fail(m->error, IC_ERR_FORMAT,
                        "%s wants to call %.60s.%.60s, which a state dict does not "
                        "need: a checkpoint is data, and im2cat never runs it; save "
                        "model.state_dict() alone",
                        m->path, module, name);
}

/* A line of the file, without its end. */
static const char *take_line(struct machine *m)
{
    const uint8_t *begin = m->bytes + m->at;
    const uint8_t *end = memchr(begin, '\n', m->size - m->at);
    char *line;

    if (end == NULL || (size_t)(end - begin) > 1000) {
        broken(m, "a line without an end");
        return "";
    }
    m->at += (size_t)(end - begin) + 1;
    line = ic_arena_strndup(m->arena, (const char *)begin, (size_t)(end - begin));
    if (line == NULL)
        too_much(m);
    return line != NULL ? line : "";
}

static void stack_global(struct machine *m)
{
    const struct ic_pickle *name = pop(m), *module = pop(m);

    if (name->kind != IC_PICKLE_TEXT || module->kind != IC_PICKLE_TEXT)
        broken(m, "a global without a name");
    else
        push_global(m, module->text, name->text);
}

/* An OrderedDict of nothing, or of a list of pairs. */
static void make_dict(struct machine *m, const struct ic_pickle *arguments)
{
    struct ic_pickle *dict = make(m, IC_PICKLE_DICT);
    const struct ic_pickle *pairs = arguments->count == 1 ? arguments->items[0] : NULL;

    if (arguments->count > 1 || (pairs != NULL && pairs->kind != IC_PICKLE_LIST))
        broken(m, "an OrderedDict of something else");
    for (size_t i = 0; m->status == IC_OK && pairs != NULL && i < pairs->count; i++) {
        const struct ic_pickle *pair = pairs->items[i];

        if (pair->count != 2 ||
            (pair->kind != IC_PICKLE_TUPLE && pair->kind != IC_PICKLE_LIST)) {
            broken(m, "an OrderedDict of something else");
            return;
        }
        add(m, dict, pair->items[0]);
        add(m, dict, pair->items[1]);
    }
    push(m, dict);
}

static void reduce(struct machine *m)
{
    struct ic_pickle *arguments = pop(m), *function = pop(m), *tensor;

    if (m->status == IC_OK &&
        (function->kind != IC_PICKLE_GLOBAL || arguments->kind != IC_PICKLE_TUPLE ||
         function->global == IC_PICKLE_STORAGE_TYPE))
        broken(m, "a call of something that is no function");
    if (m->status != IC_OK)
        return;
    if (function->global == IC_PICKLE_ORDERED_DICT) {
        make_dict(m, arguments);
    } else if (function->global == IC_PICKLE_REBUILD_TENSOR) {
        tensor = make(m, IC_PICKLE_TENSOR);
        if (arguments->count < 6 || arguments->count > 7)
            broken(m, "a tensor of other arguments");
        for (size_t i = 0; m->status == IC_OK && i < 4; i++)
            add(m, tensor, arguments->items[i]);
        push(m, tensor);
    } else if (arguments->count != 3 || arguments->items[0]->kind != IC_PICKLE_TENSOR) {
        broken(m, "a parameter that is no tensor");
    } else {
        push(m, arguments->items[0]);
    }
}

static void persistent(struct machine *m)
{
    struct ic_pickle *id = pop(m), *storage = make(m, IC_PICKLE_STORAGE);

    if (id->kind != IC_PICKLE_TUPLE || id->count < 5 ||
        id->items[0]->kind != IC_PICKLE_TEXT ||
        strcmp(id->items[0]->text, "storage") != 0)
        broken(m, "a persistent id that is no storage");
    for (size_t i = 0; m->status == IC_OK && i < id->count; i++)
        add(m, storage, id->items[i]);
    push(m, storage);
}

/* --- opcodes ---------------------------------------------------------------------- */

/* Those that push a constant; false for others. */
static bool push_constant(struct machine *m, int opcode)
{
    switch (opcode) {
    case '(':
        push(m, make(m, IC_PICKLE_MARK));
        return true;
    case 'N':
        push(m, make(m, IC_PICKLE_NONE));
        return true;
    case 0x88: /* True */
    case 0x89:
        push_int(m, opcode == 0x88);
        return true;
    case 'J':
        push_int(m, (int32_t)take_number(m, 4));
        return true;
    case 'K':
        push_int(m, (int64_t)take_number(m, 1));
        return true;
    case 'M':
        push_int(m, (int64_t)take_number(m, 2));
        return true;
    case 0x8a:
        push_long(m, take_number(m, 1));
        return true;
    case 0x8b:
        push_long(m, take_number(m, 4));
        return true;
    case 'G':
        push_opaque(m, 8);
        return true;
    case 'X':
    case 'T':
        push_text(m, take_number(m, 4));
        return true;
    case 0x8c:
    case 'U':
        push_text(m, take_number(m, 1));
        return true;
    case 'C':
        push_opaque(m, take_number(m, 1));
        return true;
    case 'B':
        push_opaque(m, take_number(m, 4));
        return true;
    default:
        return false;
    }
}

/* Those that build; false for others. */
static bool build(struct machine *m, int opcode)
{
    const struct ic_pickle *object;

    switch (opcode) {
    case ')':
        push_tuple(m, m->depth);
        return true;
    case 0x85:
    case 0x86:
    case 0x87:
        if (m->depth < (size_t)opcode - 0x84)
            broken(m, "a value is missing");
        else
            push_tuple(m, m->depth - ((size_t)opcode - 0x84));
        return true;
    case 't': {
        const size_t first = find_mark(m);
        struct ic_pickle *tuple;

        push_tuple(m, first);
        tuple = top(m);
        if (m->status == IC_OK) { /* in the mark's place */
            m->depth--;
            m->stack[m->depth - 1] = tuple;
        }
        return true;
    }
    case ']':
        push(m, make(m, IC_PICKLE_LIST));
        return true;
    case '}':
        push(m, make(m, IC_PICKLE_DICT));
        return true;
    case 'a':
        put_in(m, m->depth - (m->depth > 0), false, IC_PICKLE_LIST);
        return true;
    case 'e':
        put_in(m, find_mark(m), true, IC_PICKLE_LIST);
        return true;
    case 's':
        put_in(m, m->depth - (m->depth > 1 ? 2 : 0), false, IC_PICKLE_DICT);
        return true;
    case 'u':
        put_in(m, find_mark(m), true, IC_PICKLE_DICT);
        return true;
    case 'b': /* attributes, as a state dict's _metadata: nothing of ours */
        pop(m);
        object = top(m);
        if (object->kind != IC_PICKLE_DICT)
            broken(m, "attributes of something that is no dict");
        return true;
    case 'R':
        reduce(m);
        return true;
    case 'Q':
        persistent(m);
        return true;
    default:
        return false;
    }
}

static void step(struct machine *m, int opcode)
{
    if (push_constant(m, opcode) || build(m, opcode))
        return;
    switch (opcode) {
    case 0x80: /* protocol */
        if (take_number(m, 1) > 5)
            broken(m, "an unknown protocol");
        return;
    case 0x95: /* a frame's length: its opcodes follow */
        take(m, 8);
        return;
    case 'c': {
        const char *module = take_line(m), *name = take_line(m);
        push_global(m, module, name);
        return;
    }
    case 0x93:
        stack_global(m);
        return;
    case 'q':
        remember(m, (size_t)take_number(m, 1));
        return;
    case 'r':
        remember(m, (size_t)take_number(m, 4));
        return;
    case 0x94:
        remember(m, m->memo_count);
        return;
    case 'h':
        recall(m, (size_t)take_number(m, 1));
        return;
    case 'j':
        recall(m, (size_t)take_number(m, 4));
        return;
    case '0':
        pop(m);
        return;
    default:
        broken(m, "an opcode that no state dict needs");
    }
}

ic_status ic_pickle_read(const uint8_t *bytes, size_t size, size_t *at,
                         struct ic_arena *arena, const char *path,
                         struct ic_pickle **ret_value, struct ic_error *error)
{
    struct machine m = {.bytes = bytes,
                        .size = size,
                        .at = *at,
                        .arena = arena,
                        .path = path,
                        .error = error};

    while (m.status == IC_OK) {
        const int opcode = take(&m, 1)[0];

        if (opcode == '.' && m.status == IC_OK)
            break;
        step(&m, opcode);
    }
    *ret_value = pop(&m);
    if (m.depth != 0)
        broken(&m, "values are left over");
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
