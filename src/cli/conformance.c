/* SPDX-License-Identifier: MIT */
/*
 * The files of the conformance set: a case's arrays and numbers, the index, the README.
 * See conformance.h.
 */
#include "cli/conformance.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/folder_writer.h"
#include "cli/conformance_readme.h"

/* An array of a case: doubles, or labels. */
struct ic_conformance_array {
    struct ic_conformance_array *next;
    const char *name;
    int rank, shape[4]; /* as in memory */
    size_t count;
    double *values;
    int32_t *labels; /* NULL of an array of doubles */
};

/* --- a case ----------------------------------------------------------------------- */

void ic_conformance_begin(struct ic_conformance_case *c, const char *name,
                          const char *op)
{
    c->name = name;
    c->arena = (struct ic_arena){0};
    c->arrays = NULL;
    c->failed = false;
    c->before = ic_jansson_failures();
    c->entry = json_pack("{s:s, s:s, s:s+, s:{}}", "name", name, "op", op, "file", name,
                         ".safetensors", "numbers");
    ic_random_init(&c->random, ic_file_crc32(0, name, strlen(name)), IC_RANDOM_BENCH, 0,
                   0);
}

void ic_conformance_set(struct ic_conformance_case *c, const char *key, json_t *value)
{
    json_object_set_new(json_object_get(c->entry, "numbers"), key, value);
}

void ic_conformance_integer(struct ic_conformance_case *c, const char *key, int value)
{
    ic_conformance_set(c, key, json_integer(value));
}

void ic_conformance_real(struct ic_conformance_case *c, const char *key, double value)
{
    ic_conformance_set(c, key, json_real(value));
}

/* Puts an array into the list, without memory for its values. NULL if it has failed. */
static struct ic_conformance_array *append(struct ic_conformance_case *c,
                                           const char *name,
                                           const ic_conformance_shape shape)
{
    struct ic_conformance_array *const array =
        ic_arena_alloc(&c->arena, 1, sizeof *array);

    if (array == NULL)
        return NULL;
    array->name = ic_arena_strdup(&c->arena, name);
    array->count = 1;
    for (; array->rank < 4 && shape[array->rank] != 0; array->rank++) {
        array->shape[array->rank] = shape[array->rank];
        array->count *= (size_t)shape[array->rank];
    }
    array->next = c->arrays;
    c->arrays = array;
    return array;
}

double *ic_conformance_array(struct ic_conformance_case *c, const char *name,
                             const ic_conformance_shape shape)
{
    struct ic_conformance_array *const array = append(c, name, shape);
    double *const values =
        array == NULL ? NULL : ic_arena_alloc(&c->arena, array->count, sizeof *values);

    c->failed = c->failed || values == NULL || array->name == NULL;
    if (array != NULL)
        array->values = values;
    return values;
}

double *ic_conformance_draw(struct ic_conformance_case *c, const char *name,
                            const ic_conformance_shape shape)
{
    double *const values = ic_conformance_array(c, name, shape);

    for (size_t i = 0; values != NULL && i < c->arrays->count; i++)
        values[i] = ((int)ic_random_below(&c->random, 129) - 64) / 64.0;
    return values;
}

int32_t *ic_conformance_labels(struct ic_conformance_case *c, const char *name,
                               int count, int classes)
{
    struct ic_conformance_array *const array =
        append(c, name, (const ic_conformance_shape){count});
    int32_t *const labels =
        array == NULL ? NULL : ic_arena_alloc(&c->arena, (size_t)count, sizeof *labels);

    c->failed = c->failed || labels == NULL || array->name == NULL;
    for (int n = 0; labels != NULL && n < count; n++)
        labels[n] = (int32_t)ic_random_below(&c->random, (uint32_t)classes);
    if (array != NULL)
        array->labels = labels;
    return labels;
}

bool ic_conformance_ready(const struct ic_conformance_case *c)
{
    return !c->failed;
}

/* --- its file --------------------------------------------------------------------- */

/* The values with the channels second. */
static const double *in_file_order(struct ic_arena *arena,
                                   const struct ic_conformance_array *array)
{
    const int height = array->shape[1], width = array->shape[2],
              channels = array->shape[3];
    double *const values = ic_arena_alloc(arena, array->count, sizeof *values);
    size_t at = 0;

    if (array->rank < 4 || values == NULL)
        return array->rank < 4 ? array->values : NULL;
    for (int n = 0; n < array->shape[0]; n++)
        for (int c = 0; c < channels; c++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    values[at++] =
                        array->values[((n * height + y) * width + x) * channels + c];
    return values;
}

static const int64_t *widened(struct ic_arena *arena,
                              const struct ic_conformance_array *array)
{
    int64_t *const labels = ic_arena_alloc(arena, array->count, sizeof *labels);

    for (size_t n = 0; labels != NULL && n < array->count; n++)
        labels[n] = array->labels[n];
    return labels;
}

/* Adds the arrays to the writer, in the order in which the case has made them; false
 * when out of memory. */
static bool add_arrays(struct ic_conformance_case *c,
                       const struct ic_conformance_array *array,
                       struct ic_safetensors_writer *writer)
{
    static const int order[2][4] = {{0, 1, 2, 3}, {0, 3, 1, 2}};
    const void *data;
    int64_t shape[4];

    if (array == NULL)
        return true;
    if (!add_arrays(c, array->next, writer))
        return false;
    for (int i = 0; i < array->rank; i++)
        shape[i] = array->shape[order[array->rank == 4][i]];
    data = array->labels != NULL ? (const void *)widened(&c->arena, array)
                                 : in_file_order(&c->arena, array);
    ic_safetensors_add(writer, array->name, array->labels != NULL ? IC_I64 : IC_F64,
                       array->rank, shape, data);
    return data != NULL;
}

/* The op and its numbers, as the strings that a file's metadata has. */
static void add_numbers(const struct ic_conformance_case *c,
                        struct ic_safetensors_writer *writer, bool *complete)
{
    const char *key;
    json_t *value;

    ic_safetensors_set_metadata(writer, "op",
                                json_string_value(json_object_get(c->entry, "op")));
    json_object_foreach(json_object_get(c->entry, "numbers"), key, value)
    {
        char *const text =
            ic_jansson_dump(value, JSON_ENCODE_ANY | JSON_COMPACT, c->before);

        *complete = *complete && text != NULL;
        if (text != NULL)
            ic_safetensors_set_metadata(writer, key, text);
        free(text);
    }
}

ic_status ic_conformance_end(struct ic_conformance_case *c, struct ic_error *error)
{
    struct ic_safetensors_writer *const writer = ic_safetensors_writer_new();
    const char *const path =
        ic_arena_format(&c->arena, "%s/%s.safetensors", c->folder, c->name);
    bool complete = !c->failed && writer != NULL && path != NULL;
    ic_status status;

    complete = complete && add_arrays(c, c->arrays, writer);
    if (complete)
        add_numbers(c, writer, &complete);
    complete = complete && json_array_append(c->index, c->entry) == 0 &&
               ic_jansson_failures() == c->before;
    status = complete
                 ? ic_safetensors_commit(writer, path, error)
                 : ic_fail(error, IC_ERR_LIMIT, "no memory for the case %s", c->name);
    ic_safetensors_writer_free(writer);
    json_decref(c->entry);
    ic_arena_free(&c->arena);
    return status;
}

/* --- the set ---------------------------------------------------------------------- */

static ic_status write_text(const char *folder, const char *name, const char *text,
                            struct ic_error *error)
{
    char *const path = ic_file_join(folder, name);
    ic_status status;

    if (path == NULL || text == NULL)
        status = ic_fail(error, IC_ERR_LIMIT, "no memory for %s", name);
    else
        status = ic_file_write(path, text, strlen(text), error);
    free(path);
    return status;
}

static ic_status write_index(const char *folder, json_t *cases, struct ic_error *error)
{
    const unsigned before = ic_jansson_failures();
    json_t *const index = json_pack("{s:s, s:i, s:O}", "format", "im2cat conformance",
                                    "version", 1, "cases", cases);
    char *const text = ic_jansson_dump(index, JSON_INDENT(1), before);
    const ic_status status = write_text(folder, "index.json", text, error);

    free(text);
    json_decref(index);
    return status;
}

ic_status ic_conformance_write(const char *folder, int *ret_cases,
                               struct ic_error *error)
{
    static ic_status (*const parts[])(struct ic_conformance_case *,
                                      struct ic_error *) = {
        ic_conformance_layers, ic_conformance_norms, ic_conformance_training,
        ic_conformance_step};
    struct ic_folder_writer writer = {0};
    struct ic_conformance_case c = {.index = json_array()};
    ic_status status = ic_folder_writer_open(&writer, folder, error);

    if (status == IC_OK && c.index == NULL)
        status = ic_fail(error, IC_ERR_LIMIT, "no memory for the index");
    c.folder = writer.temporary;
    for (size_t i = 0; status == IC_OK && i < sizeof parts / sizeof *parts; i++)
        status = parts[i](&c, error);
    if (status == IC_OK)
        status = write_index(writer.temporary, c.index, error);
    if (status == IC_OK)
        status =
            write_text(writer.temporary, "README.md", ic_conformance_readme, error);
    if (status == IC_OK)
        status = ic_folder_writer_commit(&writer, error);
    *ret_cases = (int)json_array_size(c.index);
    ic_folder_writer_abort(&writer);
    json_decref(c.index);
    return status;
}
