/* SPDX-License-Identifier: MIT */
/*
 * Writes safetensors files, atomically, the same bytes for the same tensors. See
 * safetensors.h for the format.
 *
 * The header lists tensors and metadata in the order of adding, and is padded with
 * spaces to a multiple of 8. The data has the widest type first (a stable sort), as the
 * format's own library writes it, so that every tensor is aligned when the file is
 * mapped into memory.
 */
#include "format/safetensors_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/jansson.h"
#include "base/size.h"

struct addition {
    struct ic_tensor tensor; /* its name belongs to the writer's `tensors` */
    struct ic_source source; /* used where `data` is NULL */
    size_t order;            /* of adding */
};

struct ic_safetensors_writer {
    json_t *tensors;  /* name -> description, in the order of adding */
    json_t *metadata; /* key -> text */
    struct addition *added;
    size_t count, capacity;
    uint8_t *checksums;    /* NULL: none are written */
    struct ic_error error; /* the first failure */
};

struct ic_safetensors_writer *ic_safetensors_writer_new(void)
{
    struct ic_safetensors_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL)
        return NULL;
    writer->tensors = json_object();
    writer->metadata = json_object();
    if (writer->tensors == NULL || writer->metadata == NULL) {
        ic_safetensors_writer_free(writer);
        return NULL;
    }
    return writer;
}

void ic_safetensors_writer_free(struct ic_safetensors_writer *writer)
{
    if (writer == NULL)
        return;
    json_decref(writer->tensors);
    json_decref(writer->metadata);
    free(writer->added);
    free(writer);
}

/* Keeps the first failure; the commit puts its message after the path. */
#define refuse(writer, ...)                         \
    do {                                            \
        if ((writer)->error.status == IC_OK)        \
            ic_fail(&(writer)->error, __VA_ARGS__); \
    } while (0)

/* Refuses a text that libjansson did not take: it is not UTF-8, or memory is missing.
 */
static void refuse_text(struct ic_safetensors_writer *writer, const char *what,
                        const char *text, unsigned before)
{
    if (ic_jansson_failures() != before)
        refuse(writer, IC_ERR_LIMIT, "no memory for the %s \"%.100s\"", what, text);
    else
        refuse(writer, IC_ERR_USAGE, "the %s \"%.100s\" is not UTF-8", what, text);
}

void ic_safetensors_set_metadata(struct ic_safetensors_writer *writer, const char *key,
                                 const char *text)
{
    const unsigned before = ic_jansson_failures();
    json_t *value = json_string(text);

    if (value == NULL)
        refuse_text(writer, "metadata", key, before);
    else if (json_object_set_new(writer->metadata, key, value) != 0)
        refuse_text(writer, "metadata's key", key, before);
}

/* Computes count and size; false on overflow or a negative dimension. */
static bool measure(struct ic_tensor *tensor)
{
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++)
        if (tensor->shape[i] < 0 ||
            !ic_size_mul(tensor->count, (size_t)tensor->shape[i], &tensor->count))
            return false;
    return ic_size_mul(tensor->count, ic_dtype_size(tensor->dtype), &tensor->size);
}

/* {"dtype": ..., "shape": [...]}; the offsets are added when all tensors are known.
 * NULL when out of memory. */
static json_t *describe(const struct ic_tensor *tensor)
{
    json_t *shape = json_array();
    bool complete = shape != NULL;

    for (int i = 0; complete && i < tensor->rank; i++)
        complete = json_array_append_new(shape, json_integer(tensor->shape[i])) == 0;
    if (!complete) {
        json_decref(shape);
        return NULL;
    }
    return json_pack("{s:s, s:o}", "dtype", ic_dtype_name(tensor->dtype), "shape",
                     shape);
}

/* Makes room for one more tensor; false when out of memory. */
static bool grow(struct ic_safetensors_writer *writer)
{
    const size_t capacity = writer->capacity ? 2 * writer->capacity : 64;
    struct addition *added;

    if (writer->count < writer->capacity)
        return true;
    added = realloc(writer->added, capacity * sizeof *added);
    if (added == NULL)
        return false;
    writer->added = added;
    writer->capacity = capacity;
    return true;
}

/* Adds a tensor whose shape, type and values are known. */
static void add(struct ic_safetensors_writer *writer, const char *name,
                struct addition new)
{
    const unsigned before = ic_jansson_failures();
    json_t *description = NULL;

    if (!measure(&new.tensor))
        refuse(writer, IC_ERR_LIMIT, "the shape of tensor \"%.100s\" overflows", name);
    else if (strcmp(name, "__metadata__") == 0 ||
             json_object_get(writer->tensors, name) != NULL)
        refuse(writer, IC_ERR_USAGE, "the name \"%.100s\" is taken", name);
    else if (!grow(writer) || (description = describe(&new.tensor)) == NULL)
        refuse(writer, IC_ERR_LIMIT, "no memory to list tensor \"%.100s\"", name);
    else if (json_object_set_new(writer->tensors, name, description) != 0)
        refuse_text(writer, "name", name, before);
    else {
        new.tensor.name =
            json_object_iter_key(json_object_iter_at(writer->tensors, name));
        new.order = writer->count;
        writer->added[writer->count++] = new;
    }
}

static struct ic_tensor tensor_of(enum ic_dtype dtype, int rank, const int64_t *shape)
{
    struct ic_tensor tensor = {.dtype = dtype, .rank = rank};

    assert(rank >= 0 && rank <= IC_TENSOR_MAX_RANK);
    for (int i = 0; i < rank; i++)
        tensor.shape[i] = shape[i];
    return tensor;
}

void ic_safetensors_add(struct ic_safetensors_writer *writer, const char *name,
                        enum ic_dtype dtype, int rank, const int64_t *shape,
                        const void *data)
{
    struct addition new = {.tensor = tensor_of(dtype, rank, shape)};

    new.tensor.data = data;
    add(writer, name, new);
}

void ic_safetensors_add_source(struct ic_safetensors_writer *writer, const char *name,
                               enum ic_dtype dtype, int rank, const int64_t *shape,
                               const struct ic_source *source)
{
    add(writer, name,
        (struct addition){.tensor = tensor_of(dtype, rank, shape), .source = *source});
}

static int compare_additions(const void *a, const void *b)
{
    const struct addition *x = a, *y = b;
    const size_t x_width = ic_dtype_size(x->tensor.dtype);
    const size_t y_width = ic_dtype_size(y->tensor.dtype);

    if (x_width != y_width)
        return x_width > y_width ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Sorts the tensors into the order of their data and writes each one's offsets. */
static void place(struct ic_safetensors_writer *writer)
{
    size_t begin = 0, end;

    if (writer->count == 0)
        return;
    qsort(writer->added, writer->count, sizeof *writer->added, compare_additions);
    for (size_t i = 0; i < writer->count; i++) {
        const struct ic_tensor *tensor = &writer->added[i].tensor;
        json_t *description = json_object_get(writer->tensors, tensor->name);

        if (!ic_size_add(begin, tensor->size, &end) || end > INT64_MAX) {
            refuse(writer, IC_ERR_LIMIT, "the sum of all sizes overflows");
            return;
        }
        if (json_object_set_new(
                description, "data_offsets",
                json_pack("[I, I]", (json_int_t)begin, (json_int_t)end)) != 0)
            refuse(writer, IC_ERR_LIMIT, "no memory for the header");
        begin = end;
    }
}

/* The header's text, freed by the caller; NULL when out of memory. */
static char *header_text(const struct ic_safetensors_writer *writer)
{
    const unsigned before = ic_jansson_failures();
    json_t *header = json_object();
    char *text = NULL;

    if ((json_object_size(writer->metadata) == 0 ||
         json_object_set(header, "__metadata__", writer->metadata) == 0) &&
        json_object_update(header, writer->tensors) == 0)
        text = ic_jansson_dump(header, JSON_COMPACT, before);
    json_decref(header);
    return text;
}

/* --- checksums ----------------------------------------------------------------- */

/* Adds the tensor of the checksums, whose values come while the others are written: its
 * type is the narrowest, and it is the last one of it, so its data comes last. */
static void add_checksums(struct ic_safetensors_writer *writer)
{
    const int64_t shape[] = {(int64_t)writer->count + 1, IC_CHECKSUM_BYTES};

    writer->checksums = calloc(writer->count + 1, IC_CHECKSUM_BYTES);
    if (writer->checksums == NULL)
        refuse(writer, IC_ERR_LIMIT, "no memory for the checksums");
    else
        ic_safetensors_add(writer, IC_CHECKSUMS, IC_U8, 2, shape, writer->checksums);
}

/* Keeps the checksum of what was added to the file since the last call. */
static void keep_checksum(const struct ic_safetensors_writer *writer, size_t place,
                          struct ic_file_writer *file)
{
    if (writer->checksums != NULL && place < writer->count)
        ic_checksum_put(writer->checksums + place * IC_CHECKSUM_BYTES, file->crc);
    file->crc = 0;
}

static ic_status write_all(const struct ic_safetensors_writer *writer,
                           struct ic_file_writer *file, const char *header,
                           struct ic_error *error)
{
    const size_t length = strlen(header), padded = ic_size_align(length, 8);
    const uint64_t announced = padded;
    ic_status status;

    file->summing = writer->checksums != NULL;
    status = ic_file_writer_add(file, &announced, sizeof announced, error);
    if (status == IC_OK)
        status = ic_file_writer_add(file, header, length, error);
    if (status == IC_OK)
        status = ic_file_writer_add(file, "        ", padded - length, error);
    keep_checksum(writer, 0, file);
    for (size_t i = 0; status == IC_OK && i < writer->count; i++) {
        const struct addition *added = &writer->added[i];

        status = added->source.read != NULL
                     ? ic_source_write(&added->source, added->tensor.size, file, error)
                     : ic_file_writer_add(file, added->tensor.data, added->tensor.size,
                                          error);
        keep_checksum(writer, i + 1, file);
    }
    return status;
}

ic_status ic_safetensors_commit(struct ic_safetensors_writer *writer, const char *path,
                                struct ic_error *error)
{
    struct ic_file_writer file = {0};
    char *header = NULL;
    ic_status status;

    place(writer);
    if (writer->error.status == IC_OK && (header = header_text(writer)) == NULL)
        refuse(writer, IC_ERR_LIMIT, "no memory for the header");
    if (writer->error.status != IC_OK)
        return ic_fail(error, writer->error.status, "%s: cannot write: %s", path,
                       writer->error.message);
    status = ic_file_writer_open(&file, path, error);
    if (status == IC_OK)
        status = write_all(writer, &file, header, error);
    if (status == IC_OK)
        status = ic_file_writer_commit(&file, error);
    ic_file_writer_abort(&file);
    free(header);
    return status;
}

ic_status ic_safetensors_commit_with_checksums(struct ic_safetensors_writer *writer,
                                               const char *path, struct ic_error *error)
{
    ic_status status;

    add_checksums(writer);
    status = ic_safetensors_commit(writer, path, error);
    free(writer->checksums);
    writer->checksums = NULL;
    return status;
}
