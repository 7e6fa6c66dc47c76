/* SPDX-License-Identifier: MIT */
/*
 * The index is one sorted table of all spellings of all names: a search finds the
 * fullest spelling first, and a second sample of the same spelling comes right after
 * it.
 */
#include "data/name_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "data/name.h"

/* From the fullest to the shortest. */
enum spelling { PATH, PATH_WITHOUT_ENDING, OWN_NAME, STEM, SPELLINGS };

struct ic_name_index_key {
    const char *text; /* within the sample's name */
    uint32_t length;
    uint16_t spelling;
    uint32_t sample;
};

static int compare_text(const struct ic_name_index_key *a,
                        const struct ic_name_index_key *b)
{
    const uint32_t shorter = a->length < b->length ? a->length : b->length;
    const int order = memcmp(a->text, b->text, shorter);

    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_keys(const void *first, const void *second)
{
    const struct ic_name_index_key *a = first, *b = second;
    const int order = compare_text(a, b);

    if (order != 0)
        return order;
    if (a->spelling != b->spelling)
        return a->spelling < b->spelling ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

ic_status ic_name_index_init(struct ic_name_index *index,
                             const struct ic_dataset *dataset, struct ic_error *error)
{
    struct ic_name_index_key *key = NULL;
    size_t count = 0, bytes;

    *index = (struct ic_name_index){0};
    if (!ic_size_mul(dataset->count, SPELLINGS, &count) ||
        !ic_size_mul(count, sizeof *key, &bytes) || (key = malloc(bytes)) == NULL)
        return ic_fail_memory(error, "the names of the pictures", count * sizeof *key);
    index->keys = key;
    index->count = count;
    for (size_t i = 0; i < dataset->count; i++) {
        const char *name = dataset->samples[i].name, *own = ic_name_base(name);
        const size_t ending = strlen(name) - ic_name_stem_length(name);
        const uint32_t length = (uint32_t)strlen(name),
                       own_length = (uint32_t)strlen(own);

        for (int s = 0; s < SPELLINGS; s++) {
            const bool is_path = s == PATH || s == PATH_WITHOUT_ENDING;
            const bool is_whole = s == PATH || s == OWN_NAME;

            *key++ = (struct ic_name_index_key){
                .text = is_path ? name : own,
                .length =
                    (is_path ? length : own_length) - (is_whole ? 0 : (uint32_t)ending),
                .spelling = (uint16_t)s,
                .sample = (uint32_t)i,
            };
        }
    }
    qsort(index->keys, count, sizeof *index->keys, compare_keys);
    return IC_OK;
}

enum ic_name_answer ic_name_index_find(const struct ic_name_index *index,
                                       const char *name, size_t length, uint32_t *first,
                                       uint32_t *second)
{
    const struct ic_name_index_key wanted = {.text = name, .length = (uint32_t)length};
    const struct ic_name_index_key *keys = index->keys;
    size_t low = 0, high = index->count;

    if (length > UINT32_MAX)
        return IC_NAME_NONE;
    while (low < high) { /* the first key that is not before `wanted` */
        const size_t middle = low + (high - low) / 2;

        if (compare_text(&keys[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == index->count || compare_text(&keys[low], &wanted) != 0)
        return IC_NAME_NONE;
    *first = keys[low].sample;
    if (low + 1 == index->count || compare_text(&keys[low + 1], &wanted) != 0 ||
        keys[low + 1].spelling != keys[low].spelling)
        return IC_NAME_ONE;
    *second = keys[low + 1].sample;
    return IC_NAME_SEVERAL;
}

void ic_name_index_free(struct ic_name_index *index)
{
    free(index->keys);
    *index = (struct ic_name_index){0};
}
