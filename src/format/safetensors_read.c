/* SPDX-License-Identifier: MIT */
/*
 * Parses a safetensors file in memory. jansson reads the header, and every rule of the
 * format is checked before a tensor is handed out. See safetensors.h for the format;
 * queries on a checked file are in safetensors.c.
 *
 * A file is hostile until it is checked: lengths may be absurd, offsets may overlap,
 * and the products of shapes may overflow.
 */
#include "format/safetensors_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/jansson.h"
#include "base/size.h"

/* The format allows headers of 100 MB. A JSON text may take 50 times its length once
 * parsed, and 10 MiB are enough to describe 80,000 tensors. */
#define MAX_HEADER ((size_t)10 << 20)

/* A name in a message, cut at 100 bytes. */
#define NAME_FORMAT "\"%.100s\""

/* A tensor while the header is read. */
/* Parses the JSON text in front of the data. */
static ic_status parse_header(struct ic_safetensors *file, size_t size,
                              struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    const char *path = file->path;
    uint64_t length = 0;
    json_error_t cause;

    if (size < 8)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: a safetensors file has at least 8 bytes, this one has %zu",
                       path, size);
    memcpy(&length, file->bytes, 8);
    if (length > size - 8)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: not a safetensors file, or cut off: a header of %llu bytes "
                       "is announced, and %zu bytes follow",
                       path, (unsigned long long)length, size - 8);
    if (length > MAX_HEADER)
        return ic_fail(error, IC_ERR_LIMIT,
                       "%s: the header has %llu bytes, the limit is %zu", path,
                       (unsigned long long)length, MAX_HEADER);
    if (length == 0 || file->bytes[8] != '{')
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: not a safetensors file: the header is not a JSON object",
                       path);
    file->header = ic_jansson_load((const char *)file->bytes + 8, length,
                                   JSON_REJECT_DUPLICATES, &cause);
    if (ic_jansson_failures() != before)
        return ic_fail_memory(error, path, length);
    if (file->header == NULL)
        return ic_fail(error, IC_ERR_FORMAT, "%s: the header is not valid JSON: %s",
                       path, cause.text);
    file->data = file->bytes + 8 + length;
    file->data_size = size - 8 - length;
    return IC_OK;
}

static ic_status check_metadata(struct ic_safetensors *file, struct ic_error *error)
{
    json_t *metadata = json_object_get(file->header, "__metadata__"), *value;
    const char *key;

    if (metadata == NULL)
        return IC_OK;
    if (!json_is_object(metadata))
        return ic_fail(error, IC_ERR_FORMAT, "%s: __metadata__ is not a JSON object",
                       file->path);
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s: the metadata " NAME_FORMAT " is not a string",
                           file->path, key);
    }
    file->metadata = metadata;
    return IC_OK;
}

/* Reads a JSON integer that is a size. */
static bool get_size(const json_t *value, size_t *size)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static ic_status parse_dtype(struct ic_safetensors *file, struct ic_tensor *tensor,
                             const json_t *value, struct ic_error *error)
{
    const char *name = json_string_value(value);

    if (name == NULL)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: tensor " NAME_FORMAT ": dtype is not a string", file->path,
                       tensor->name);
    for (tensor->dtype = 0; tensor->dtype < IC_DTYPES; tensor->dtype++)
        if (strcmp(name, ic_dtype_name(tensor->dtype)) == 0)
            return IC_OK;
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s: tensor " NAME_FORMAT " is of type \"%.20s\"; im2cat reads F32, "
                   "F16, BF16, F64, I64, I32 and U8",
                   file->path, tensor->name, name);
}

static ic_status parse_shape(struct ic_safetensors *file, struct ic_tensor *tensor,
                             const json_t *value, struct ic_error *error)
{
    if (!json_is_array(value) || json_array_size(value) > IC_TENSOR_MAX_RANK)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: tensor " NAME_FORMAT
                       ": shape is not a list of at most %d sizes",
                       file->path, tensor->name, IC_TENSOR_MAX_RANK);
    tensor->rank = (int)json_array_size(value);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        size_t dim;
        if (!get_size(json_array_get(value, (size_t)i), &dim))
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s: tensor " NAME_FORMAT
                           ": shape holds something that is not a size",
                           file->path, tensor->name);
        tensor->shape[i] = (int64_t)dim;
        if (!ic_size_mul(tensor->count, dim, &tensor->count))
            goto overflow;
    }
    if (ic_size_mul(tensor->count, ic_dtype_size(tensor->dtype), &tensor->size))
        return IC_OK;
overflow:
    return ic_fail(error, IC_ERR_FORMAT,
                   "%s: tensor " NAME_FORMAT ": the product of its shape overflows",
                   file->path, tensor->name);
}

static ic_status parse_offsets(struct ic_safetensors *file,
                               struct ic_safetensors_entry *entry, const json_t *value,
                               struct ic_error *error)
{
    const char *name = entry->tensor.name;

    if (json_array_size(value) != 2 ||
        !get_size(json_array_get(value, 0), &entry->begin) ||
        !get_size(json_array_get(value, 1), &entry->end) || entry->begin > entry->end)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: tensor " NAME_FORMAT
                       ": data_offsets is not a list of a begin and an end",
                       file->path, name);
    if (entry->end > file->data_size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: cut off: tensor " NAME_FORMAT
                       " ends at byte %zu of the data, which has %zu",
                       file->path, name, entry->end, file->data_size);
    if (entry->end - entry->begin != entry->tensor.size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: tensor " NAME_FORMAT
                       " has %zu bytes of data, its shape and type need %zu",
                       file->path, name, entry->end - entry->begin, entry->tensor.size);
    entry->tensor.data = file->data + entry->begin;
    return IC_OK;
}

static ic_status parse_tensor(struct ic_safetensors *file,
                              struct ic_safetensors_entry *entry, const json_t *value,
                              struct ic_error *error)
{
    ic_status status;

    /* Exactly three members, and parse_* refuse a missing one, so there are no others.
     */
    if (!json_is_object(value) || json_object_size(value) != 3)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: tensor " NAME_FORMAT
                       " is not described by dtype, shape and data_offsets",
                       file->path, entry->tensor.name);
    status = parse_dtype(file, &entry->tensor, json_object_get(value, "dtype"), error);
    if (status == IC_OK)
        status =
            parse_shape(file, &entry->tensor, json_object_get(value, "shape"), error);
    if (status == IC_OK)
        status =
            parse_offsets(file, entry, json_object_get(value, "data_offsets"), error);
    return status;
}

static ic_status parse_tensors(struct ic_safetensors *file, struct ic_error *error)
{
    const size_t members = json_object_size(file->header);
    const char *name;
    json_t *value;

    file->entries = calloc(members + 1, sizeof *file->entries);
    if (file->entries == NULL)
        return ic_fail_memory(error, "the list of tensors",
                              (unsigned long)(members * sizeof *file->entries));
    json_object_foreach(file->header, name, value)
    {
        struct ic_safetensors_entry *entry = &file->entries[file->count];
        ic_status status;

        if (strcmp(name, "__metadata__") == 0)
            continue;
        entry->tensor.name = name;
        entry->listed = file->count;
        status = parse_tensor(file, entry, value, error);
        if (status != IC_OK)
            return status;
        file->count++;
    }
    return IC_OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct ic_safetensors_entry *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->listed < y->listed ? -1 : 1;
}

int ic_safetensors_compare_names(const void *a, const void *b)
{
    const struct ic_tensor *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* Sorts the tensors by offset, and checks that they fill the data: no gap, no overlap,
 * no bytes before the first or after the last. */
static ic_status check_places(struct ic_safetensors *file, struct ic_error *error)
{
    size_t end = 0;

    qsort(file->entries, file->count, sizeof *file->entries, compare_places);
    for (size_t i = 0; i < file->count; i++) {
        const struct ic_safetensors_entry *entry = &file->entries[i];
        if (entry->begin != end)
            return ic_fail(error, IC_ERR_FORMAT,
                           "%s: tensor " NAME_FORMAT
                           " begins at byte %zu of the data, where the one before it "
                           "ends at %zu",
                           file->path, entry->tensor.name, entry->begin, end);
        end = entry->end;
    }
    if (end != file->data_size)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s: the tensors have %zu bytes, the data %zu", file->path, end,
                       file->data_size);
    return IC_OK;
}

/* Builds the list and the index by name from the entries. */
static ic_status list_tensors(struct ic_safetensors *file, struct ic_error *error)
{
    file->list.items = calloc(file->count + 1, sizeof *file->list.items);
    file->by_name = calloc(file->count + 1, sizeof *file->by_name);
    if (file->list.items == NULL || file->by_name == NULL)
        return ic_fail_memory(error, "the list of tensors",
                              (unsigned long)(file->count * sizeof *file->list.items));
    for (size_t i = 0; i < file->count; i++) {
        file->list.items[i] = file->entries[i].tensor;
        file->by_name[i] = &file->list.items[i];
    }
    file->list.count = file->count;
    qsort(file->by_name, file->count, sizeof *file->by_name,
          ic_safetensors_compare_names);
    return IC_OK;
}

ic_status ic_safetensors_parse(const char *path, uint8_t *bytes, size_t size,
                               struct ic_safetensors **ret_file, struct ic_error *error)
{
    struct ic_safetensors *file = calloc(1, sizeof *file);
    ic_status status;

    *ret_file = NULL;
    if (file == NULL) {
        free(bytes);
        return ic_fail_memory(error, path, sizeof *file);
    }
    file->path = path;
    file->bytes = bytes;
    status = parse_header(file, size, error);
    if (status == IC_OK)
        status = check_metadata(file, error);
    if (status == IC_OK)
        status = parse_tensors(file, error);
    if (status == IC_OK)
        status = check_places(file, error);
    if (status == IC_OK)
        status = list_tensors(file, error);
    free(file->entries);
    file->entries = NULL;
    file->path = NULL;
    if (status == IC_OK)
        *ret_file = file;
    else
        ic_safetensors_close(file);
    return status;
}
