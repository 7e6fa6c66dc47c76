/*
 * PyTorch's checkpoints. See torch.h; the pickles are read by pickle.c, the zip
 * directory by zip.c.
 */
#include "format/torch.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/size.h"
#include "format/pickle.h"
#include "format/zip.h"

/* Each is looked for among all tensors; a ResNet-34 has 218. */
#define MAX_STORAGES 10000

/* The pickle of 0x1950a86a20f9469cfc6c in protocol 2, without its end. */
static const uint8_t legacy_magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c,
                                       0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

struct storage {
    const char *key;
    const uint8_t *data;
    size_t size; /* bytes */
};

struct ic_torch {
    const char *path; /* for messages, while opening */
    uint8_t *bytes;
    size_t size;
    struct ic_arena arena; /* owns all below */
    struct ic_pickle *root;
    struct ic_zip zip;
    const char *folder;       /* of the zip: "NAME/" */
    struct storage *storages; /* of a legacy file, in strcmp order of their keys */
    size_t storage_count;
    size_t copied; /* bytes of tensors that are not in the file as they are */
    struct ic_tensor_list list;
};

bool ic_torch_recognises(const uint8_t *bytes, size_t size)
{
    return (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) ||
           (size >= sizeof legacy_magic &&
            memcmp(bytes, legacy_magic, sizeof legacy_magic) == 0);
}

static ic_status refuse(const struct ic_torch *file, const char *name, const char *what,
                        struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s: tensor \"%.100s\" %s", file->path, name,
                   what);
}

/* --- storages --------------------------------------------------------------------- */

static int compare_storages(const void *a, const void *b)
{
    const struct storage *x = a, *y = b;

    return strcmp(x->key, y->key);
}

static bool find_storage(struct ic_torch *file, const char *key, struct storage *found)
{
    const struct ic_zip_entry *entry;
    const struct storage wanted = {.key = key}, *at;
    char *name;

    if (file->folder == NULL) {
        at = bsearch(&wanted, file->storages, file->storage_count, sizeof wanted,
                     compare_storages);
        if (at != NULL)
            *found = *at;
        return at != NULL;
    }
    name = ic_arena_format(&file->arena, "%sdata/%s", file->folder, key);
    entry = name != NULL ? ic_zip_find(&file->zip, name) : NULL;
    if (entry != NULL)
        *found = (struct storage){key, entry->data, entry->size};
    return entry != NULL;
}

/* The type and key of a persistent id: ('storage', type, key, device, count). */
static bool read_id(const struct ic_pickle *id, enum ic_dtype *dtype, const char **key,
                    size_t *count)
{
    if (id->kind != IC_PICKLE_STORAGE || id->items[1]->kind != IC_PICKLE_GLOBAL ||
        id->items[1]->global != IC_PICKLE_STORAGE_TYPE ||
        id->items[2]->kind != IC_PICKLE_TEXT || id->items[4]->kind != IC_PICKLE_INT ||
        id->items[4]->integer < 0 ||
        (id->count > 5 && id->items[5]->kind != IC_PICKLE_NONE))
        return false;
    *dtype = id->items[1]->dtype;
    *key = id->items[2]->text;
    *count = (size_t)id->items[4]->integer;
    return true;
}

/* --- tensors ---------------------------------------------------------------------- */

/* Shape and strides; `*reach` is the distance of the last element from the first. */
static ic_status read_shape(struct ic_torch *file, const struct ic_pickle *value,
                            struct ic_tensor *tensor, size_t *strides, size_t *reach,
                            struct ic_error *error)
{
    const struct ic_pickle *shape = value->items[2], *stride = value->items[3];

    *reach = 0;
    tensor->count = 1;
    if (shape->kind != IC_PICKLE_TUPLE || stride->kind != IC_PICKLE_TUPLE ||
        shape->count != stride->count || shape->count > IC_TENSOR_MAX_RANK)
        return refuse(file, tensor->name, "has no shape of at most 8 sizes", error);
    tensor->rank = (int)shape->count;
    for (size_t i = 0; i < shape->count; i++) {
        const struct ic_pickle *s = shape->items[i], *step = stride->items[i];
        size_t far;

        if (s->kind != IC_PICKLE_INT || step->kind != IC_PICKLE_INT || s->integer < 0 ||
            step->integer < 0)
            return refuse(file, tensor->name, "has a negative size or stride", error);
        tensor->shape[i] = s->integer;
        strides[i] = (size_t)step->integer;
        if (!ic_size_mul(tensor->count, (size_t)s->integer, &tensor->count) ||
            (s->integer > 0 &&
             (!ic_size_mul((size_t)s->integer - 1, strides[i], &far) ||
              !ic_size_add(*reach, far, reach))))
            return refuse(file, tensor->name, "has a shape whose product overflows",
                          error);
    }
    if (!ic_size_mul(tensor->count, ic_dtype_size(tensor->dtype), &tensor->size))
        return refuse(file, tensor->name, "has a shape whose product overflows", error);
    return IC_OK;
}

static bool is_contiguous(const struct ic_tensor *tensor, const size_t *strides)
{
    size_t expected = 1;

    for (int i = tensor->rank; i-- > 0;) {
        if (tensor->shape[i] != 1 && strides[i] != expected)
            return false;
        expected *= (size_t)tensor->shape[i];
    }
    return true;
}

/* Copies a tensor with other strides, row by row of its last dimension. */
static ic_status copy_strided(struct ic_torch *file, struct ic_tensor *tensor,
                              const uint8_t *first, const size_t *strides,
                              struct ic_error *error)
{
    const size_t unit = ic_dtype_size(tensor->dtype);
    size_t index[IC_TENSOR_MAX_RANK] = {0};
    uint8_t *out;

    if (tensor->size > file->size - file->copied)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s: its transposed tensors are larger than the file",
                       file->path);
    file->copied += tensor->size;
    out = ic_arena_alloc(&file->arena, tensor->count, unit);
    if (out == NULL)
        return ic_fail_memory(error, file->path, tensor->size);
    tensor->data = out;
    for (size_t k = 0; k < tensor->count; k++, out += unit) {
        size_t at = 0;

        for (int i = 0; i < tensor->rank; i++)
            at += index[i] * strides[i];
        memcpy(out, first + at * unit, unit);
        for (int i = tensor->rank; i-- > 0;) {
            if (++index[i] < (size_t)tensor->shape[i])
                break;
            index[i] = 0;
        }
    }
    return IC_OK;
}

static ic_status read_tensor(struct ic_torch *file, const char *name,
                             const struct ic_pickle *value, struct ic_error *error)
{
    struct ic_tensor *tensor = &file->list.items[file->list.count];
    const struct ic_pickle *start = value->items[1];
    size_t strides[IC_TENSOR_MAX_RANK], reach, count, unit, last;
    struct storage storage;
    const char *key;
    ic_status status;

    *tensor = (struct ic_tensor){.name = name};
    if (!read_id(value->items[0], &tensor->dtype, &key, &count))
        return refuse(file, name, "has no storage of a known type", error);
    if (!find_storage(file, key, &storage))
        return refuse(file, name, "lies in a storage that the file lacks", error);
    unit = ic_dtype_size(tensor->dtype);
    if (count > storage.size / unit)
        return refuse(file, name, "lies in a storage that is cut off", error);
    status = read_shape(file, value, tensor, strides, &reach, error);
    if (status != IC_OK)
        return status;
    if (start->kind != IC_PICKLE_INT || start->integer < 0)
        return refuse(file, name, "has a negative offset", error);
    if (tensor->count > 0 && (!ic_size_add((size_t)start->integer, reach, &last) ||
                              last >= count || tensor->count > count))
        return refuse(file, name, "reaches beyond its storage", error);
    if (tensor->count == 0)
        tensor->data = file->bytes;
    else
        tensor->data = storage.data + (size_t)start->integer * unit;
    if (tensor->count > 0 && !is_contiguous(tensor, strides))
        status = copy_strided(file, tensor, tensor->data, strides, error);
    file->list.count++;
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static ic_status check_names(struct ic_torch *file, struct ic_error *error)
{
    const size_t count = file->list.count;
    const char **names = ic_arena_alloc(&file->arena, count + 1, sizeof *names);

    if (names == NULL)
        return ic_fail_memory(error, file->path, count * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = file->list.items[i].name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return refuse(file, names[i], "stands twice in it", error);
    return IC_OK;
}

/* The state dict, out of what it may be wrapped in. */
static ic_status read_tensors(struct ic_torch *file, struct ic_error *error)
{
    static const char *const wraps[] = {"state_dict", "model"};
    const struct ic_pickle *dict = file->root, *inner;
    ic_status status = IC_OK;

    for (int i = 0; i < 2; i++) {
        inner = ic_pickle_get(dict, wraps[i]);
        if (inner != NULL && inner->kind == IC_PICKLE_DICT)
            dict = inner;
    }
    if (dict->kind != IC_PICKLE_DICT)
        return ic_fail(error, IC_ERR_FORMAT, "%s holds no state dict", file->path);
    file->list.items =
        ic_arena_alloc(&file->arena, dict->count / 2 + 1, sizeof *file->list.items);
    if (file->list.items == NULL)
        return ic_fail_memory(error, file->path,
                              dict->count * sizeof(struct ic_tensor));
    for (size_t i = 0; status == IC_OK && i + 1 < dict->count; i += 2)
        if (dict->items[i]->kind == IC_PICKLE_TEXT &&
            dict->items[i + 1]->kind == IC_PICKLE_TENSOR)
            status = read_tensor(file, dict->items[i]->text, dict->items[i + 1], error);
    if (status == IC_OK && file->list.count == 0)
        status = ic_fail(error, IC_ERR_FORMAT, "%s holds no tensors", file->path);
    return status == IC_OK ? check_names(file, error) : status;
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
            read_id(value->items[0], &dtype, &own, &count) && strcmp(own, key) == 0) {
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
        struct storage *storage = &file->storages[i];
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
        *storage = (struct storage){keys->items[i]->text, file->bytes + at,
                                    (size_t)count * unit};
        at += storage->size;
        file->storage_count++;
    }
    qsort(file->storages, file->storage_count, sizeof *file->storages,
          compare_storages);
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
        status = read_tensors(file, error);
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
