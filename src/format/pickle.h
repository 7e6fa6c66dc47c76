/* SPDX-License-Identifier: MIT */
/*
 * Pickles as data: a machine that builds values and never calls anything.
 *
 * It knows the opcodes that Python writes for dicts, lists, tuples, sets, texts,
 * numbers and objects in protocols 2 to 4, and of globals the few in enum
 * ic_pickle_global. Every other global, and all that it would make, is an opaque value:
 * what is put into it is dropped. So training scripts' checkpoints can be read, with
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
    IC_PICKLE_MARK, /* of the machine: never in a result */
    IC_PICKLE_NONE,
    IC_PICKLE_INT, /* bools too; beyond int64: IC_PICKLE_OPAQUE */
    IC_PICKLE_TEXT,
    IC_PICKLE_TUPLE,
    IC_PICKLE_LIST,
    IC_PICKLE_DICT, /* key, value, key, value ... */
    IC_PICKLE_GLOBAL,
    IC_PICKLE_STORAGE, /* items: the persistent id */
    IC_PICKLE_TENSOR,  /* items: storage, offset, shape, stride */
    IC_PICKLE_OPAQUE   /* floats, bytes, objects: nothing that a tensor needs; `text` is
                          the class, or NULL */
};

enum ic_pickle_global {
    IC_PICKLE_ORDERED_DICT,
    IC_PICKLE_REBUILD_TENSOR,
    IC_PICKLE_REBUILD_PARAMETER,
    IC_PICKLE_STORAGE_TYPE
};

/* A node of the tree. Values may be shared, and lists may hold themselves. */
struct ic_pickle {
    enum ic_pickle_kind kind;
    enum ic_pickle_global global;
    enum ic_dtype dtype;      /* of a global IC_PICKLE_STORAGE_TYPE */
    int64_t integer;          /* of an IC_PICKLE_INT */
    const char *text;         /* of an IC_PICKLE_TEXT, ends with a zero */
    struct ic_pickle **items; /* of those that hold others */
    size_t count, capacity;
};

/* Reads one pickle that begins at bytes[*at], and moves *at behind it. The values live
 * in `arena`. `path` is for messages. Refused: opcodes that a checkpoint does not need,
 * more than 4 million values, and whatever the machine finds wrong. */
ic_status ic_pickle_read(const uint8_t *bytes, size_t size, size_t *at,
                         struct ic_arena *arena, const char *path,
                         struct ic_pickle **ret_value, struct ic_error *error);

/* The value of a text key, or NULL; NULL for all but dicts. */
const struct ic_pickle *ic_pickle_get(const struct ic_pickle *dict, const char *key);

#endif
