/*
 * PyTorch's two kinds of checkpoints, as a pickled object and its storages. See
 * torch.h; the pickles are read by pickle.c, the zip directory by zip.c, and the
 * tensors are found by torch_tensors.c.
 */
#include "format/torch.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "format/torch_file.h"

/* Each is looked for among all tensors; a ResNet-34 has 218. */
#define MAX_STORAGES 10000

/* The pickle of 0x1950a86a20f9469cfc6c in protocol 2, without its end. */
static const uint8_t legacy_magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c,
                                       0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

bool ic_torch_recognises(const uint8_t *bytes, size_t size)
{
    return (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) ||
           (size >= sizeof legacy_magic &&
            memcmp(bytes, legacy_magic, sizeof legacy_magic) == 0);
}

/* --- the two formats -------------------------------------------------------------- */

static ic_status read_zip(struct ic_torch *file, struct ic_error *error)
{
    static const char pickle[] = "/data.pkl";
    const struct ic_zip_entry *found = NULL, *order;
    size_t at = 0, length;
    char *name;
    ic_status status = ic_zip_read(file->bytes, file->size, &file->arena, file->path,
                                   &file->zip, error);

    if (status != IC_OK)
        return status;
    for (size_t i = 0; i < file->zip.count && found == NULL; i++) {
        length = strlen(file->zip.entries[i].name);
        if (length >= strlen(pickle) &&
            strcmp(file->zip.entries[i].name + length - strlen(pickle), pickle) == 0)
            found = &file->zip.entries[i];
    }
    if (found == NULL)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is a zip file, but no checkpoint: it holds no data.pkl",
                       file->path);
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

/* Bytes of an element of the storage `key`, which only its tensors tell. */
static bool find_unit(const struct ic_pickle *dict, const char *key, size_t *unit)
{
    for (size_t i = 1; i < dict->count; i += 2) {
        const struct ic_pickle *value = dict->items[i];
        enum ic_dtype dtype;
        const char *own;
        size_t count;

        if (dict->kind == IC_PICKLE_DICT && value->kind == IC_PICKLE_TENSOR &&
            ic_torch_read_id(value->items[0], &dtype, &own, &count) &&
            strcmp(own, key) == 0) {
            *unit = ic_dtype_size(dtype);
            return true;
        }
    }
    return false;
}

/* The values behind the pickles: for each key a count and the elements. */
static ic_status read_storages(struct ic_torch *file, const struct ic_pickle *keys,
                               size_t at, struct ic_error *error)
{
    const struct ic_pickle *dict = file->root;
    const struct ic_pickle *inner = ic_pickle_get(dict, "state_dict");

    if (inner == NULL)
        inner = ic_pickle_get(dict, "model");
    if (keys->count > MAX_STORAGES)
        return ic_fail(error, IC_ERR_LIMIT, "%s has %zu storages, the limit is %d",
                       file->path, keys->count, MAX_STORAGES);
    file->storages =
        ic_arena_alloc(&file->arena, keys->count + 1, sizeof *file->storages);
    if (file->storages == NULL)
        return ic_fail_memory(error, file->path, keys->count);
    for (size_t i = 0; i < keys->count; i++) {
        struct ic_torch_storage *storage = &file->storages[i];
        size_t unit;
        uint64_t count;

        if (keys->items[i]->kind != IC_PICKLE_TEXT ||
            (!find_unit(dict, keys->items[i]->text, &unit) &&
             (inner == NULL || !find_unit(inner, keys->items[i]->text, &unit))))
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s holds values beside its state dict: save "
                           "model.state_dict() alone",
                           file->path);
        if (file->size - at < 8)
            return ic_fail(error, IC_ERR_FORMAT, "%s is cut off", file->path);
        memcpy(&count, file->bytes + at, 8);
        at += 8;
        if (count > (file->size - at) / unit)
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s is cut off: a storage of %llu values is announced",
                           file->path, (unsigned long long)count);
        *storage = (struct ic_torch_storage){keys->items[i]->text, file->bytes + at,
                                             (size_t)count * unit};
        at += storage->size;
        file->storage_count++;
    }
    qsort(file->storages, file->storage_count, sizeof *file->storages,
          ic_torch_compare_storages);
    return IC_OK;
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

ic_status ic_torch_open(const char *path, struct ic_torch **ret_file,
                        struct ic_error *error)
{
    struct ic_torch *file = calloc(1, sizeof *file);
    ic_status status;

    *ret_file = NULL;
    if (file == NULL)
        return ic_fail_memory(error, path, sizeof *file);
    file->path = path;
    status = ic_file_read(path, ic_machine_memory(), &file->bytes, &file->size, error);
    if (status == IC_OK && !ic_torch_recognises(file->bytes, file->size))
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
