/* SPDX-License-Identifier: MIT */
/*
 * Replaces a pickle's calls by their results: dicts and tensors. Any other result is an
 * opaque value, which is skipped. Nothing is ever run. See pickle.h.
 */
#include "format/pickle_globals.h"

#include <string.h>

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

void ic_pickle_push_global(struct ic_pickle_machine *m, const char *module,
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
    value->kind = IC_PICKLE_OPAQUE;
    value->text = ic_arena_format(m->arena, "%.100s.%.100s", module, name);
    if (value->text == NULL)
        ic_pickle_too_much(m);
    ic_pickle_push(m, value);
}

/* A line of the pickle, without its newline. */
const char *ic_pickle_take_line(struct ic_pickle_machine *m)
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

void ic_pickle_stack_global(struct ic_pickle_machine *m)
{
    const struct ic_pickle *name = ic_pickle_pop(m), *module = ic_pickle_pop(m);

    if (name->kind != IC_PICKLE_TEXT || module->kind != IC_PICKLE_TEXT)
        ic_pickle_broken(m, "a global without a name");
    else
        ic_pickle_push_global(m, module->text, name->text);
}

/* Pushes an OrderedDict that is empty or made from a list of pairs. */
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

/* Pushes an opaque value in the place of an unknown class's object or an unknown
 * function's result. Neither is called. */
static void push_made(struct ic_pickle_machine *m, const struct ic_pickle *maker)
{
    struct ic_pickle *value = ic_pickle_make(m, IC_PICKLE_OPAQUE);

    if (m->status == IC_OK)
        value->text = maker->text;
    ic_pickle_push(m, value);
}

void ic_pickle_new_object(struct ic_pickle_machine *m)
{
    const struct ic_pickle *arguments = ic_pickle_pop(m), *class = ic_pickle_pop(m);

    if (m->status != IC_OK)
        return;
    if (class->kind == IC_PICKLE_OPAQUE)
        push_made(m, class);
    else if (class->kind == IC_PICKLE_GLOBAL && arguments->kind == IC_PICKLE_TUPLE &&
             class->global == IC_PICKLE_ORDERED_DICT)
        make_dict(m, arguments);
    else
        ic_pickle_broken(m, "an object of something that is no class");
}

void ic_pickle_reduce(struct ic_pickle_machine *m)
{
    struct ic_pickle *arguments = ic_pickle_pop(m), *function = ic_pickle_pop(m),
                     *tensor;

    if (m->status == IC_OK && function->kind == IC_PICKLE_OPAQUE) {
        push_made(m, function);
        return;
    }
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
    } else if (arguments->count != 3 ||
               (arguments->items[0]->kind != IC_PICKLE_TENSOR &&
                arguments->items[0]->kind != IC_PICKLE_OPAQUE)) {
        ic_pickle_broken(m, "a parameter that is no tensor");
    } else {
        ic_pickle_push(m, arguments->items[0]);
    }
}

void ic_pickle_persistent(struct ic_pickle_machine *m)
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
