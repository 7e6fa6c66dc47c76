/* SPDX-License-Identifier: MIT */
/*
 * Reads PyTorch's two kinds of checkpoints, as a pickled object and its storages. See
 * torch.h; the pickles are read by pickle.c, the zip directory by zip.c, and the
 * tensors are found by torch_tensors.c.
 */
#include "format/torch.h"

#include <stdlib.h>
#include <string.h>

#include "format/torch_private.h"

/* The pickle of 0x1950a86a20f9469cfc6c in protocol 2, without its last byte. */
static const uint8_t legacy_magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c,
                                       0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

bool ic_torch_recognises(const uint8_t *bytes, size_t size)
{
    return (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) ||
           (size >= sizeof legacy_magic &&
            memcmp(bytes, legacy_magic, sizeof legacy_magic) == 0);
}

/* --- the two formats -------------------------------------------------------------- */

/* Finds the entry NAME/data.pkl. */
static ic_status find_pickle(const struct ic_torch *file,
                             const struct ic_zip_entry **ret_found,
                             struct ic_error *error)
{
    static const char pickle[] = "/data.pkl";
    const struct ic_zip_entry *found = NULL;

    for (size_t i = 0; i < file->zip.count; i++) {
        const struct ic_zip_entry *entry = &file->zip.entries[i];
        const size_t length = strlen(entry->name);

        if (length < strlen(pickle) ||
            strcmp(entry->name + length - strlen(pickle), pickle) != 0)
            continue;
        if (found != NULL)
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s holds two pickles, \"%.60s\" and \"%.60s\"", file->path,
                           found->name, entry->name);
        found = entry;
    }
    *ret_found = found;
    if (found != NULL)
        return IC_OK;
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s is a zip file, but no checkpoint: it holds no data.pkl",
                   file->path);
}

static ic_status read_zip(struct ic_torch *file, struct ic_error *error)
{
    const struct ic_zip_entry *found = NULL, *order;
    size_t at = 0;
    char *name;
    ic_status status = ic_zip_read(file->bytes, file->size, &file->arena, file->path,
                                   &file->zip, error);

    if (status == IC_OK)
        status = find_pickle(file, &found, error);
    if (status != IC_OK)
        return status;
    file->folder = ic_arena_strndup(&file->arena, found->name,
                                    strlen(found->name) - strlen("data.pkl"));
    if (file->folder == NULL)
        return ic_fail_memory(error, file->path, strlen(found->name));
    name = ic_arena_format(&file->arena, "%sbyteorder", file->folder);
    if (name == NULL)
        return ic_fail_memory(error, file->path, strlen(found->name));
    order = ic_zip_find(&file->zip, name);
    if (order != NULL && (order->size != 6 || memcmp(order->data, "little", 6) != 0))
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: its numbers are not little-endian: save it on another "
                       "machine",
                       file->path);
    return ic_pickle_read(found->data, found->size, &at, &file->arena, file->path,
                          &file->root, error);
}

/* Adds, for each tensor of a dict, the key of its storage and, as the size, the bytes
 * per element, which only the tensor gives. */
static void add_units(struct ic_torch_storage *units, size_t *count,
                      const struct ic_pickle *dict)
{
    for (size_t i = 1; i < dict->count; i += 2) {
        const struct ic_pickle *value = dict->items[i];
        enum ic_dtype dtype;
        const char *key;
        size_t elements;

        if (value->kind == IC_PICKLE_TENSOR &&
            ic_torch_read_id(value->items[0], &dtype, &key, &elements))
            units[(*count)++] =
                (struct ic_torch_storage){.key = key, .size = ic_dtype_size(dtype)};
    }
}

/* Lists the tensors' storages in strcmp order of keys, with the bytes per element as
 * sizes. */
static ic_status find_units(struct ic_torch *file, struct ic_torch_storage **ret_units,
                            size_t *ret_count, struct ic_error *error)
{
    const struct ic_pickle *dicts[] = {file->root, ic_torch_unwrap(file->root)};
    const size_t many = sizeof dicts / sizeof dicts[0];
    struct ic_torch_storage *units;
    size_t capacity = 1, count = 0;

    for (size_t i = 0; i < many; i++)
        capacity += dicts[i] != NULL ? dicts[i]->count / 2 : 0;
    units = ic_arena_alloc(&file->arena, capacity, sizeof *units);
    if (units == NULL)
        return ic_fail_memory(error, file->path, capacity * sizeof *units);
    for (size_t i = 0; i < many; i++)
        if (dicts[i] != NULL && dicts[i]->kind == IC_PICKLE_DICT)
            add_units(units, &count, dicts[i]);
    qsort(units, count, sizeof *units, ic_torch_compare_storages);
    for (size_t i = 1; i < count; i++)
        if (ic_torch_compare_storages(&units[i - 1], &units[i]) == 0 &&
            units[i - 1].size != units[i].size)
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s: its storage \"%.100s\" has two types", file->path,
                           units[i].key);
    *ret_units = units;
    *ret_count = count;
    return IC_OK;
}

/* Reads the storage at *at: a count, then elements of `unit` bytes. */
static ic_status read_storage(struct ic_torch *file, const char *key, size_t unit,
                              size_t *at, struct ic_error *error)
{
    uint64_t count;

    if (file->size - *at < sizeof count)
        return ic_fail(error, IC_ERR_FORMAT, "%s is cut off", file->path);
    memcpy(&count, file->bytes + *at, sizeof count);
    *at += sizeof count;
    if (count > (file->size - *at) / unit)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is cut off: a storage of %llu values is announced",
                       file->path, (unsigned long long)count);
    file->storages[file->storage_count++] =
        (struct ic_torch_storage){key, file->bytes + *at, (size_t)count * unit};
    *at += (size_t)count * unit;
    return IC_OK;
}

/* Reads the storages that follow the pickles, in the order of the keys. */
static ic_status read_storages(struct ic_torch *file, const struct ic_pickle *keys,
                               size_t at, struct ic_error *error)
{
    struct ic_torch_storage *units = NULL, *found, wanted = {0};
    size_t unit_count = 0;
    ic_status status = find_units(file, &units, &unit_count, error);

    if (status != IC_OK)
        return status;
    file->storages =
        ic_arena_alloc(&file->arena, keys->count + 1, sizeof *file->storages);
    if (file->storages == NULL)
        return ic_fail_memory(error, file->path,
                              (keys->count + 1) * sizeof *file->storages);
    for (size_t i = 0; status == IC_OK && i < keys->count; i++) {
        wanted.key = keys->items[i]->text;
        found = wanted.key == NULL ? NULL
                                   : bsearch(&wanted, units, unit_count, sizeof wanted,
                                             ic_torch_compare_storages);
        if (found == NULL)
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s holds values beside its state dict: save "
                           "model.state_dict() alone",
                           file->path);
        status = read_storage(file, found->key, found->size, &at, error);
    }
    qsort(file->storages, file->storage_count, sizeof *file->storages,
          ic_torch_compare_storages);
    for (size_t i = 1; status == IC_OK && i < file->storage_count; i++)
        if (ic_torch_compare_storages(&file->storages[i - 1], &file->storages[i]) == 0)
            status = ic_fail(error, IC_ERR_FORMAT,
                             "%s: its storage \"%.100s\" stands twice in it",
                             file->path, file->storages[i].key);
    return status;
}

static ic_status read_legacy(struct ic_torch *file, struct ic_error *error)
{
    struct ic_pickle *values[5]; /* magic, protocol, system, object, keys */
    size_t at = 0;
    ic_status status = IC_OK;

    for (int i = 0; i < 5 && status == IC_OK; i++)
        status = ic_pickle_read(file->bytes, file->size, &at, &file->arena, file->path,
                                &values[i], error);
    if (status != IC_OK)
        return status;
    file->root = values[3];
    if (values[4]->kind != IC_PICKLE_LIST)
        return ic_fail(error, IC_ERR_FORMAT, "%s lists no storages", file->path);
    return read_storages(file, values[4], at, error);
}

ic_status ic_torch_parse(const char *path, uint8_t *bytes, size_t size,
                         struct ic_torch **ret_file, struct ic_error *error)
{
    struct ic_torch *file = calloc(1, sizeof *file);
    ic_status status = IC_OK;

    *ret_file = NULL;
    if (file == NULL) {
        free(bytes);
        return ic_fail_memory(error, path, sizeof *file);
    }
    file->path = path;
    file->bytes = bytes;
    file->size = size;
    if (!ic_torch_recognises(bytes, size))
        status = ic_fail(error, IC_ERR_FORMAT, "%s is no checkpoint of PyTorch", path);
    if (status == IC_OK)
        status =
            file->bytes[0] == 'P' ? read_zip(file, error) : read_legacy(file, error);
    if (status == IC_OK)
        status = ic_torch_read_tensors(file, error);
    file->path = NULL;
    if (status == IC_OK)
        *ret_file = file;
    else
        ic_torch_close(file);
    return status;
}

void ic_torch_close(struct ic_torch *file)
{
    if (file == NULL)
        return;
    ic_arena_free(&file->arena);
    free(file->bytes);
    free(file);
}

const struct ic_tensor_list *ic_torch_tensors(const struct ic_torch *file)
{
    return &file->list;
}
