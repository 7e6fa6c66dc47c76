/* SPDX-License-Identifier: MIT */
/*
 * Extracts the tensors of a checkpoint's pickled state dict: every shape, stride and
 * offset is checked against its storage. See torch.h.
 */
#include "format/torch_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* Names are sorted and compared; a ResNet-34 has 218, the longest has 34 bytes. */
#define MAX_TENSORS 100000
#define MAX_NAME    255

static ic_status refuse(const struct ic_torch *file, const char *name, const char *what,
                        struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s: tensor \"%.100s\" %s", file->path, name,
                   what);
}

static bool is_short(const char *name)
{
    return strnlen(name, MAX_NAME + 1) <= MAX_NAME;
}

/* --- storages --------------------------------------------------------------------- */

int ic_torch_compare_storages(const void *a, const void *b)
{
    const struct ic_torch_storage *x = a, *y = b;

    return strcmp(x->key, y->key);
}

static bool find_storage(struct ic_torch *file, const char *key,
                         struct ic_torch_storage *found)
{
    const struct ic_zip_entry *entry;
    const struct ic_torch_storage wanted = {.key = key}, *at;
    char name[1024];

    if (file->folder == NULL) {
        at = bsearch(&wanted, file->storages, file->storage_count, sizeof wanted,
                     ic_torch_compare_storages);
        if (at != NULL)
            *found = *at;
        return at != NULL;
    }
    if ((size_t)snprintf(name, sizeof name, "%sdata/%s", file->folder, key) >=
        sizeof name)
        return false;
    entry = ic_zip_find(&file->zip, name);
    if (entry != NULL)
        *found = (struct ic_torch_storage){key, entry->data, entry->size};
    return entry != NULL;
}

bool ic_torch_read_id(const struct ic_pickle *id, enum ic_dtype *dtype,
                      const char **key, size_t *count)
{
    if (id->kind != IC_PICKLE_STORAGE || id->items[1]->kind != IC_PICKLE_GLOBAL ||
        id->items[1]->global != IC_PICKLE_STORAGE_TYPE ||
        id->items[2]->kind != IC_PICKLE_TEXT || !is_short(id->items[2]->text) ||
        id->items[4]->kind != IC_PICKLE_INT || id->items[4]->integer < 0 ||
        (id->count > 5 && id->items[5]->kind != IC_PICKLE_NONE))
        return false;
    *dtype = id->items[1]->dtype;
    *key = id->items[2]->text;
    *count = (size_t)id->items[4]->integer;
    return true;
}

/* --- tensors ---------------------------------------------------------------------- */

/* Reads shape and strides; `*reach` is the distance of the last element from the first.
 */
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

/* Whether two elements share a value. They do not if, in order of strides, each
 * dimension steps beyond the reach of the smaller ones. */
static bool overlaps(const struct ic_tensor *tensor, const size_t *strides)
{
    bool done[IC_TENSOR_MAX_RANK] = {false};
    size_t reach = 0;

    for (int n = 0; n < tensor->rank; n++) {
        int least = -1;

        for (int i = 0; i < tensor->rank; i++)
            if (!done[i] && (least < 0 || strides[i] < strides[least]))
                least = i;
        done[least] = true;
        if (tensor->shape[least] > 1 && strides[least] <= reach)
            return true;
        reach += strides[least] * ((size_t)tensor->shape[least] - 1);
    }
    return false;
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
    struct ic_torch_storage storage;
    const char *key;
    ic_status status;

    *tensor = (struct ic_tensor){.name = name};
    if (!is_short(name))
        return refuse(file, name, "has a name of more than 255 bytes", error);
    if (!ic_torch_read_id(value->items[0], &tensor->dtype, &key, &count))
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
    if (tensor->count > 0 &&
        (!ic_size_add((size_t)start->integer, reach, &last) || last >= count))
        return refuse(file, name, "reaches beyond its storage", error);
    if (tensor->count > 0 && overlaps(tensor, strides))
        return refuse(file, name, "overlaps itself", error);
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

const struct ic_pickle *ic_torch_unwrap(const struct ic_pickle *dict)
{
    static const char *const wraps[] = {"state_dict", "model_state_dict", "model",
                                        "net", NULL};

    for (size_t i = 0; wraps[i] != NULL; i++) {
        const struct ic_pickle *inner = ic_pickle_get(dict, wraps[i]);

        if (inner != NULL && (inner->kind == IC_PICKLE_DICT ||
                              (inner->kind == IC_PICKLE_OPAQUE && inner->text != NULL)))
            dict = inner;
    }
    return dict;
}

/* The tensor's type where no weight has it (bool, int16, complex numbers), so that the
 * tensor is skipped; NULL for all other types. */
static const char *odd_type(const struct ic_pickle *tensor)
{
    const struct ic_pickle *id = tensor->items[0];

    return id->kind == IC_PICKLE_STORAGE && id->items[1]->kind == IC_PICKLE_OPAQUE
               ? id->items[1]->text
               : NULL;
}

ic_status ic_torch_read_tensors(struct ic_torch *file, struct ic_error *error)
{
    const struct ic_pickle *const dict = ic_torch_unwrap(file->root), *odd = NULL;
    ic_status status = IC_OK;

    if (dict->kind == IC_PICKLE_OPAQUE && dict->text != NULL)
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s holds a Python object of the class %.100s, not a state dict: "
            "save model.state_dict()",
            file->path, dict->text);
    if (dict->kind != IC_PICKLE_DICT)
        return ic_fail(error, IC_ERR_FORMAT, "%s holds no state dict", file->path);
    if (dict->count / 2 > MAX_TENSORS)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s: its state dict has %zu entries, the limit is %d",
                       file->path, dict->count / 2, MAX_TENSORS);
    file->list.items =
        ic_arena_alloc(&file->arena, dict->count / 2 + 1, sizeof *file->list.items);
    if (file->list.items == NULL)
        return ic_fail_memory(error, file->path,
                              dict->count * sizeof(struct ic_tensor));
    for (size_t i = 0; status == IC_OK && i + 1 < dict->count; i += 2) {
        const struct ic_pickle *const name = dict->items[i],
                                      *value = dict->items[i + 1];

        if (name->kind != IC_PICKLE_TEXT || value->kind != IC_PICKLE_TENSOR)
            continue;
        if (odd_type(value) == NULL)
            status = read_tensor(file, name->text, value, error);
        else
            odd = value;
    }
    if (status == IC_OK && file->list.count == 0 && odd != NULL)
        status = ic_fail(error, IC_ERR_FORMAT,
                         "%s holds no tensors but those of the type %.100s, which "
                         "im2cat does not read",
                         file->path, odd_type(odd));
    else if (status == IC_OK && file->list.count == 0)
        status = ic_fail(error, IC_ERR_FORMAT, "%s holds no tensors", file->path);
    return status == IC_OK ? check_names(file, error) : status;
}
