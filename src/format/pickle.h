/* SPDX-License-Identifier: MIT */
/*
 * Reads pickles as data: a machine that builds values and never calls anything.
 *
 * The machine knows the opcodes that Python writes for dicts, lists, tuples, sets,
 * texts, numbers and objects in protocols 2 to 4, and the few globals in enum
 * ic_pickle_global. Every other global, and each object made by one, is an opaque
 * value, whose items are dropped. So training scripts' checkpoints can be read, with
 * their options, schedulers and counters, and no file can make the machine do more than
 * build a tree.
 *
 * Source: Python's own description, Lib/pickletools.py.
 */
#ifndef IC_FORMAT_PICKLE_H
#define IC_FORMAT_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/tensor.h"

enum ic_pickle_kind {
    IC_PICKLE_MARK, /* internal: never in a result */
    IC_PICKLE_NONE,
    IC_PICKLE_INT, /* bools too; beyond int64: IC_PICKLE_OPAQUE */
    IC_PICKLE_TEXT,
    IC_PICKLE_TUPLE,
    IC_PICKLE_LIST,
    IC_PICKLE_DICT, /* key, value, key, value ... */
    IC_PICKLE_GLOBAL,
    IC_PICKLE_STORAGE, /* items: the persistent id */
    IC_PICKLE_TENSOR,  /* items: storage, offset, shape, stride */
    IC_PICKLE_OPAQUE   /* floats, bytes, objects: not needed for tensors; `text` is the
                          class, or NULL */
};

enum ic_pickle_global {
    IC_PICKLE_ORDERED_DICT,
    IC_PICKLE_REBUILD_TENSOR,
    IC_PICKLE_REBUILD_PARAMETER,
    IC_PICKLE_STORAGE_TYPE
};

/* A node of the tree. Values may be shared, and lists may contain themselves. */
struct ic_pickle {
    enum ic_pickle_kind kind;
    enum ic_pickle_global global;
    enum ic_dtype dtype;      /* of a global IC_PICKLE_STORAGE_TYPE */
    int64_t integer;          /* of an IC_PICKLE_INT */
    const char *text;         /* of an IC_PICKLE_TEXT, zero-terminated */
    struct ic_pickle **items; /* of kinds that contain other values */
    size_t count, capacity;
};

/* Reads the pickle that begins at bytes[*at], and moves *at past its end. The values
 * live in `arena`. `path` is for messages. Refuses opcodes that a checkpoint does not
 * need, more than 4 million values, and malformed pickles. */
ic_status ic_pickle_read(const uint8_t *bytes, size_t size, size_t *at,
                         struct ic_arena *arena, const char *path,
                         struct ic_pickle **ret_value, struct ic_error *error);

/* The value of a text key, or NULL; NULL where `dict` is not a dict. */
const struct ic_pickle *ic_pickle_get(const struct ic_pickle *dict, const char *key);

#endif
