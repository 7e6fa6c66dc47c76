/* SPDX-License-Identifier: MIT */
/*
 * Finds duplicates by their checksums, then by their bytes. See duplicates.h.
 */
#include "data/duplicates.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "image/image.h"

/* A sample among those sorted by checksum; equal ones stay in order. */
struct entry {
    uint32_t checksum, sample;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;

    if (first->checksum != second->checksum)
        return first->checksum < second->checksum ? -1 : 1;
    return (first->sample > second->sample) - (first->sample < second->sample);
}

static int compare_duplicates(const void *a, const void *b)
{
    const struct ic_duplicate *first = a, *second = b;

    return (first->sample > second->sample) - (first->sample < second->sample);
}

static bool read_sample(const struct ic_dataset *dataset, uint32_t sample,
                        uint8_t **ret_bytes, size_t *ret_size)
{
    char *path = ic_file_join(dataset->folder, dataset->samples[sample].name);
    struct ic_error error;
    const bool read = path != NULL && ic_file_read(path, IC_IMAGE_MAX_FILE, ret_bytes,
                                                   ret_size, &error) == IC_OK;

    free(path);
    return read;
}

static bool same_bytes(const struct ic_dataset *dataset, uint32_t one, uint32_t other)
{
    uint8_t *first = NULL, *second = NULL;
    size_t first_size, second_size;
    const bool same = read_sample(dataset, one, &first, &first_size) &&
                      read_sample(dataset, other, &second, &second_size) &&
                      first_size == second_size &&
                      memcmp(first, second, first_size) == 0;

    free(first);
    free(second);
    return same;
}

/* Finds in `entries[begin .. at - 1]`, which have the checksum of `at`, the entry whose
 * file has the same bytes as the file of `at`. Returns `at` when there is none. */
static size_t find_first(const struct ic_dataset *dataset, const struct entry *entries,
                         size_t begin, size_t at)
{
    for (size_t i = begin; i < at; i++)
        if (same_bytes(dataset, entries[i].sample, entries[at].sample))
            return i;
    return at;
}

ic_status ic_duplicates_find(const struct ic_dataset *dataset,
                             struct ic_duplicates *ret_duplicates,
                             struct ic_error *error)
{
    struct entry *entries = calloc(dataset->count + 1, sizeof *entries);
    struct ic_duplicate *items = calloc(dataset->count + 1, sizeof *items);
    size_t count = 0, found = 0, begin = 0;

    *ret_duplicates = (struct ic_duplicates){0};
    if (entries == NULL || items == NULL) {
        free(entries);
        free(items);
        return ic_fail_memory(error, "the list of equal pictures",
                              dataset->count * sizeof *items);
    }
    for (size_t i = 0; i < dataset->count; i++)
        if (dataset->samples[i].checked)
            entries[count++] =
                (struct entry){dataset->samples[i].checksum, (uint32_t)i};
    qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 1; i < count; i++) {
        size_t first;

        if (entries[i].checksum != entries[begin].checksum) {
            begin = i;
            continue;
        }
        first = find_first(dataset, entries, begin, i);
        if (first < i)
            items[found++] =
                (struct ic_duplicate){entries[i].sample, entries[first].sample};
    }
    free(entries);
    qsort(items, found, sizeof *items, compare_duplicates);
    *ret_duplicates = (struct ic_duplicates){items, found};
    return IC_OK;
}

void ic_duplicates_free(struct ic_duplicates *duplicates)
{
    free(duplicates->items);
    *duplicates = (struct ic_duplicates){0};
}
