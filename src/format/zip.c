/* SPDX-License-Identifier: MIT */
/*
 * Directories of zip files. See zip.h.
 */
#include "format/zip.h"

#include <stdlib.h>
#include <string.h>

#define END_SIZE     22 /* of the record that closes the file, without its comment */
#define CENTRAL_SIZE 46 /* of a directory record, without its name */
#define LOCAL_SIZE   30 /* of the record before an entry's data, without its name */
#define MAX_COMMENT  65535

struct archive {
    const uint8_t *bytes;
    size_t size; /* once the directory is found: the bytes before it */
    struct ic_arena *arena;
    const char *path;
};

static uint32_t number(const uint8_t *at, int bytes)
{
    uint32_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

static ic_status damaged(const struct archive *archive, const char *what,
                         struct ic_error *error)
{
    return ic_fail(error, IC_ERR_FORMAT, "%s: a damaged zip file, or cut off: %s",
                   archive->path, what);
}

/* Refuses ZIP64, whose records hold the sizes that do not fit. */
static ic_status too_large(const struct archive *archive, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_LIMIT,
                   "%s is a zip file beyond 4 GiB, which im2cat does not read",
                   archive->path);
}

/* The record at the end of the file, or NULL. */
static const uint8_t *find_end(const struct archive *archive)
{
    const size_t size = archive->size;

    for (size_t back = END_SIZE; back <= size && back <= END_SIZE + MAX_COMMENT;
         back++) {
        const uint8_t *at = archive->bytes + size - back;

        if (memcmp(at, "PK\5\6", 4) == 0 && number(at + 20, 2) == back - END_SIZE)
            return at;
    }
    return NULL;
}

/* Finds an entry's data, after its local record, which must have the same name: else
 * another program might see another file. */
static ic_status find_data(const struct archive *archive, struct ic_zip_entry *entry,
                           size_t offset, struct ic_error *error)
{
    const size_t name_length = strlen(entry->name);
    const uint8_t *local;
    size_t begin;

    if (offset > archive->size || archive->size - offset < LOCAL_SIZE)
        return damaged(archive, "an entry lies outside the file", error);
    local = archive->bytes + offset;
    if (memcmp(local, "PK\3\4", 4) != 0)
        return damaged(archive, "an entry lies outside the file", error);
    begin = offset + LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2);
    if (begin > archive->size || entry->size > archive->size - begin)
        return damaged(archive, "an entry's data lies outside the file", error);
    if (number(local + 26, 2) != name_length ||
        memcmp(local + LOCAL_SIZE, entry->name, name_length) != 0)
        return damaged(archive, "an entry has two names", error);
    entry->record = local;
    entry->data = archive->bytes + begin;
    return IC_OK;
}

/* Reads a directory record of at most `left` bytes; *ret_length is its length. */
static ic_status read_entry(const struct archive *archive, const uint8_t *at,
                            size_t left, struct ic_zip_entry *entry, size_t *ret_length,
                            struct ic_error *error)
{
    size_t name_length;

    if (left < CENTRAL_SIZE || memcmp(at, "PK\1\2", 4) != 0)
        return damaged(archive, "its directory", error);
    name_length = number(at + 28, 2);
    *ret_length = CENTRAL_SIZE + name_length + number(at + 30, 2) + number(at + 32, 2);
    if (*ret_length > left)
        return damaged(archive, "its directory", error);
    if (memchr(at + CENTRAL_SIZE, 0, name_length) != NULL)
        return damaged(archive, "a name with a zero in it", error);
    entry->name =
        ic_arena_strndup(archive->arena, (const char *)at + CENTRAL_SIZE, name_length);
    if (entry->name == NULL)
        return ic_fail_memory(error, archive->path, name_length);
    entry->size = number(at + 24, 4);
    if ((number(at + 8, 2) & 1) != 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s: \"%.100s\" is encrypted",
                       archive->path, entry->name);
    if (number(at + 10, 2) != 0 || number(at + 20, 4) != entry->size)
        return ic_fail(
            error, IC_ERR_FORMAT,
            "%s: \"%.100s\" is compressed, which PyTorch never does: save it "
            "again by torch.save",
            archive->path, entry->name);
    if (entry->size == UINT32_MAX || number(at + 42, 4) == UINT32_MAX)
        return too_large(archive, error);
    return find_data(archive, entry, number(at + 42, 4), error);
}

static int compare_names(const void *a, const void *b)
{
    const struct ic_zip_entry *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int compare_places(const void *a, const void *b)
{
    const struct ic_zip_entry *x = a, *y = b;

    return (x->record > y->record) - (x->record < y->record);
}

/* Checks that no two entries share bytes or a name; sorts the entries by name. */
static ic_status check_entries(const struct archive *archive, const struct ic_zip *zip,
                               struct ic_error *error)
{
    const struct ic_zip_entry *entries = zip->entries;

    qsort(zip->entries, zip->count, sizeof *entries, compare_places);
    for (size_t i = 1; i < zip->count; i++)
        if (entries[i - 1].data + entries[i - 1].size > entries[i].record)
            return damaged(archive, "its entries overlap", error);
    qsort(zip->entries, zip->count, sizeof *entries, compare_names);
    for (size_t i = 1; i < zip->count; i++)
        if (compare_names(&entries[i - 1], &entries[i]) == 0)
            return ic_fail(error, IC_ERR_FORMAT, "%s: \"%.100s\" stands twice in it",
                           archive->path, entries[i].name);
    return IC_OK;
}

ic_status ic_zip_read(const uint8_t *bytes, size_t size, struct ic_arena *arena,
                      const char *path, struct ic_zip *ret_zip, struct ic_error *error)
{
    struct archive archive = {bytes, size, arena, path};
    const uint8_t *end = find_end(&archive);
    size_t at, stop, count;

    *ret_zip = (struct ic_zip){0};
    if (end == NULL)
        return damaged(&archive, "its directory is not at its end", error);
    count = number(end + 10, 2);
    at = number(end + 16, 4);
    stop = (size_t)(end - bytes);
    if (count == UINT16_MAX || at == UINT32_MAX)
        return too_large(&archive, error);
    if (at > stop)
        return damaged(&archive, "its directory", error);
    archive.size = at;
    ret_zip->entries = ic_arena_alloc(arena, count + 1, sizeof *ret_zip->entries);
    if (ret_zip->entries == NULL)
        return ic_fail_memory(error, path, count * sizeof *ret_zip->entries);
    for (; ret_zip->count < count; ret_zip->count++) {
        size_t length = 0;
        const ic_status status =
            read_entry(&archive, bytes + at, stop - at,
                       &ret_zip->entries[ret_zip->count], &length, error);

        if (status != IC_OK)
            return status;
        at += length;
    }
    return check_entries(&archive, ret_zip, error);
}

const struct ic_zip_entry *ic_zip_find(const struct ic_zip *zip, const char *name)
{
    const struct ic_zip_entry wanted = {.name = name};

    return bsearch(&wanted, zip->entries, zip->count, sizeof wanted, compare_names);
}
