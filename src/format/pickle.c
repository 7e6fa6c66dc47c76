/*
 * The pickle machine's opcodes and globals. See pickle.h.
 */
#include "format/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "format/pickle_stack.h"

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

static void push_global(struct ic_pickle_machine *m, const char *module,
                        const char *name)
{
    struct ic_pickle *value = ic_pickle_make(m, IC_PICKLE_GLOBAL);

    if (m->status != IC_OK)
        return;
    for (size_t i = 0; i < sizeof globals / sizeof globals[0]; i++)
        if (strcmp(module, globals[i].module) == 0 &&
            strcmp(name, globals[i].name) == 0) {
            value->global = globals[i].global;
            value->dtype = globals[i].dtype;
            ic_pickle_push(m, value);
            return;
        }
    m->status = ic_fail(m->error, IC_ERR_FORMAT,
                        "%s wants to call %.60s.%.60s, which a state dict does not "
                        "need: a checkpoint is data, and im2cat never runs it; save "
                        "model.state_dict() alone",
                        m->path, module, name);
}

/* A line of the file, without its end. */
static const char *take_line(struct ic_pickle_machine *m)
{
    const uint8_t *begin = m->bytes + m->at;
    const uint8_t *end = memchr(begin, '\n', m->size - m->at);
    char *line;

    if (end == NULL || (size_t)(end - begin) > 1000) {
        ic_pickle_broken(m, "a line without an end");
        return "";
    }
    m->at += (size_t)(end - begin) + 1;
    line = ic_arena_strndup(m->arena, (const char *)begin, (size_t)(end - begin));
    if (line == NULL)
        ic_pickle_too_much(m);
    return line != NULL ? line : "";
}

static void stack_global(struct ic_pickle_machine *m)
{
    const struct ic_pickle *name = ic_pickle_pop(m), *module = ic_pickle_pop(m);

    if (name->kind != IC_PICKLE_TEXT || module->kind != IC_PICKLE_TEXT)
        ic_pickle_broken(m, "a global without a name");
    else
        push_global(m, module->text, name->text);
}

/* An OrderedDict of nothing, or of a list of pairs. */
static void make_dict(struct ic_pickle_machine *m, const struct ic_pickle *arguments)
{
    struct ic_pickle *dict = ic_pickle_make(m, IC_PICKLE_DICT);
    const struct ic_pickle *pairs = arguments->count == 1 ? arguments->items[0] : NULL;

    if (arguments->count > 1 || (pairs != NULL && pairs->kind != IC_PICKLE_LIST))
        ic_pickle_broken(m, "an OrderedDict of something else");
    for (size_t i = 0; m->status == IC_OK && pairs != NULL && i < pairs->count; i++) {
        const struct ic_pickle *pair = pairs->items[i];

        if (pair->count != 2 ||
            (pair->kind != IC_PICKLE_TUPLE && pair->kind != IC_PICKLE_LIST)) {
            ic_pickle_broken(m, "an OrderedDict of something else");
            return;
        }
        ic_pickle_add(m, dict, pair->items[0]);
        ic_pickle_add(m, dict, pair->items[1]);
    }
    ic_pickle_push(m, dict);
}

static void reduce(struct ic_pickle_machine *m)
{
    struct ic_pickle *arguments = ic_pickle_pop(m), *function = ic_pickle_pop(m),
                     *tensor;

    if (m->status == IC_OK &&
        (function->kind != IC_PICKLE_GLOBAL || arguments->kind != IC_PICKLE_TUPLE ||
         function->global == IC_PICKLE_STORAGE_TYPE))
        ic_pickle_broken(m, "a call of something that is no function");
    if (m->status != IC_OK)
        return;
    if (function->global == IC_PICKLE_ORDERED_DICT) {
        make_dict(m, arguments);
    } else if (function->global == IC_PICKLE_REBUILD_TENSOR) {
        tensor = ic_pickle_make(m, IC_PICKLE_TENSOR);
        if (arguments->count < 6 || arguments->count > 7)
            ic_pickle_broken(m, "a tensor of other arguments");
        for (size_t i = 0; m->status == IC_OK && i < 4; i++)
            ic_pickle_add(m, tensor, arguments->items[i]);
        ic_pickle_push(m, tensor);
    } else if (arguments->count != 3 || arguments->items[0]->kind != IC_PICKLE_TENSOR) {
        ic_pickle_broken(m, "a parameter that is no tensor");
    } else {
        ic_pickle_push(m, arguments->items[0]);
    }
}

static void persistent(struct ic_pickle_machine *m)
{
    struct ic_pickle *id = ic_pickle_pop(m),
                     *storage = ic_pickle_make(m, IC_PICKLE_STORAGE);

    if (id->kind != IC_PICKLE_TUPLE || id->count < 5 ||
        id->items[0]->kind != IC_PICKLE_TEXT ||
        strcmp(id->items[0]->text, "storage") != 0)
        ic_pickle_broken(m, "a persistent id that is no storage");
    for (size_t i = 0; m->status == IC_OK && i < id->count; i++)
        ic_pickle_add(m, storage, id->items[i]);
    ic_pickle_push(m, storage);
}

/* --- opcodes ---------------------------------------------------------------------- */

/* Those that push a constant; false for others. */
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

/* Those that build; false for others. */
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
        if (m->status == IC_OK) { /* in the mark's place */
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
    case 'b': /* attributes, as a state dict's _metadata: nothing of ours */
        ic_pickle_pop(m);
        object = ic_pickle_top(m);
        if (object->kind != IC_PICKLE_DICT)
            ic_pickle_broken(m, "attributes of something that is no dict");
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
        const char *module = take_line(m), *name = take_line(m);
        push_global(m, module, name);
        return;
    }
    case 0x93:
        stack_global(m);
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
