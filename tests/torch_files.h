/* SPDX-License-Identifier: MIT */
/*
 * PyTorch's two kinds of checkpoints, assembled by hand, byte by byte, so that each
 * byte can be a lie: pickles of a state dict {"w": tensor}, zip files, legacy files.
 */
#ifndef IC_TESTS_TORCH_FILES_H
#define IC_TESTS_TORCH_FILES_H

#include <stdbool.h>

#include "bytes.h"

/* --- pickles ---------------------------------------------------------------------- */

static inline void pickle_string(struct bytes *out, const char *text)
{
    bytes_text(out, "X");
    bytes_number(out, strlen(text), 4);
    bytes_text(out, text);
}

static inline void pickle_int(struct bytes *out, int64_t value)
{
    size_t size =
        1; /* as few bytes as hold the number and its sign, as Python writes */

    while (size < 8 && value >> (8 * size - 1) != 0 && value >> (8 * size - 1) != -1)
        size++;
    bytes_put(out, "\x8a", 1);
    bytes_number(out, size, 1);
    bytes_number(out, (uint64_t)value, size);
}

static inline void pickle_pair(struct bytes *out, const int64_t *values)
{
    pickle_int(out, values[0]);
    pickle_int(out, values[1]);
    bytes_put(out, "\x86", 1);
}

/* A tensor of two dimensions in a storage of `count` values. */
struct torch_shape {
    int64_t count, offset, shape[2], stride[2];
};

static const struct torch_shape torch_plain = {6, 0, {2, 3}, {3, 1}};

static inline void pickle_tensor(struct bytes *out, const char *type, const char *key,
                                 const struct torch_shape *s)
{
    bytes_text(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
    pickle_string(out, "storage");
    bytes_text(out, "ctorch\n");
    bytes_text(out, type);
    bytes_text(out, "\n");
    pickle_string(out, key);
    pickle_string(out, "cpu");
    pickle_int(out, s->count);
    bytes_text(out, "tQ");
    pickle_int(out, s->offset);
    pickle_pair(out, s->shape);
    pickle_pair(out, s->stride);
    bytes_text(out, "\x89"
                    "ccollections\nOrderedDict\n)RtR");
}

/* {"w": tensor}; with `twice` the name occurs two times. */
static inline void pickle_dict(struct bytes *out, const char *type,
                               const struct torch_shape *s, bool twice)
{
    bytes_put(out, "\x80\x02}(", 4);
    for (int i = 0; i < 1 + twice; i++) {
        pickle_string(out, "w");
        pickle_tensor(out, type, "0", s);
    }
    bytes_text(out, "u.");
}

/* --- files ------------------------------------------------------------------------ */

/* An entry of a zip file. Each field below `size` that is set makes a record lie. */
struct zip_entry {
    const char *name;
    const void *data;
    size_t size;
    const char *local_name; /* in the record before the data; NULL: the same */
    int method, flags;
    uint32_t claimed; /* added to the size in the directory */
    int32_t moved;    /* added to the place in the directory */
};

static inline void zip_directory_record(struct bytes *out,
                                        const struct zip_entry *entry, size_t place)
{
    bytes_put(out, "PK\1\2\0\0\0\0", 8);
    bytes_number(out, (uint64_t)entry->flags, 2);
    bytes_number(out, (uint64_t)entry->method, 2);
    bytes_number(out, 0, 8);
    bytes_number(out, entry->size, 4);
    bytes_number(out, entry->size + entry->claimed, 4);
    bytes_number(out, strlen(entry->name), 2);
    bytes_number(out, 0, 12);
    bytes_number(out, place + (size_t)entry->moved, 4);
    bytes_text(out, entry->name);
}

/* At most 8 entries. */
static inline void zip_make(struct bytes *out, const struct zip_entry *entries,
                            size_t count)
{
    size_t places[8], directory;

    bytes_clear(out);
    for (size_t i = 0; i < count; i++) {
        const struct zip_entry *entry = &entries[i];
        const char *name = entry->local_name ? entry->local_name : entry->name;

        places[i] = out->size;
        bytes_put(out, "PK\3\4", 4);
        bytes_number(out, 0, 22);
        bytes_number(out, strlen(name), 2);
        bytes_number(out, 0, 2);
        bytes_text(out, name);
        bytes_put(out, entry->data, entry->size);
    }
    directory = out->size;
    for (size_t i = 0; i < count; i++)
        zip_directory_record(out, &entries[i], places[i]);
    bytes_put(out, "PK\5\6\0\0\0\0", 8);
    bytes_number(out, count, 2);
    bytes_number(out, count, 2);
    bytes_number(out, out->size - directory - 12, 4);
    bytes_number(out, directory, 4);
    bytes_number(out, 0, 2);
}

/* The content of storage "0". */
static const float torch_values[6] = {1, 2, 3, 4, 5, 6};

/* A zip checkpoint of that pickle and the six values. */
static inline void torch_make_zip(struct bytes *out, const void *pickle, size_t size)
{
    const struct zip_entry entries[] = {
        {.name = "m/data.pkl", .data = pickle, .size = size},
        {.name = "m/byteorder", .data = "little", .size = 6},
        {.name = "m/data/0", .data = torch_values, .size = sizeof torch_values}};

    zip_make(out, entries, 3);
}

/* The first three pickles of a legacy file: magic number, protocol, system. */
static inline void legacy_begin(struct bytes *out)
{
    bytes_clear(out);
    bytes_put(out, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    bytes_put(out, "\x80\x02M\xe9\x03.", 6);
    bytes_put(out, "\x80\x02}.", 4);
}

/* The last pickle, the list of the one storage, and its values. */
static inline void legacy_end(struct bytes *out, uint64_t count)
{
    bytes_put(out, "\x80\x02]", 3);
    pickle_string(out, "0");
    bytes_text(out, "a.");
    bytes_number(out, count, 8);
    bytes_put(out, torch_values, sizeof torch_values);
}

/* A whole legacy file of {"w": tensor} in a storage that claims `count` values. */
static inline void torch_make_legacy(struct bytes *out, const char *type,
                                     const struct torch_shape *s, uint64_t count)
{
    legacy_begin(out);
    pickle_dict(out, type, s, false);
    legacy_end(out, count);
}

#endif
