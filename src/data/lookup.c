/*
 * One sorted table of all spellings of all names: a search finds the fullest spelling
 * first, and a second sample of the same spelling stands right behind it.
 */
#include "data/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "data/name.h"

/* From the fullest to the shortest. */
enum spelling { PATH, PATH_WITHOUT_ENDING, OWN_NAME, STEM, SPELLINGS };

struct ic_lookup_key {
    const char *text; /* within the sample's name */
    uint32_t length;
    uint16_t spelling;
    uint32_t sample;
};

static int compare_text(const struct ic_lookup_key *a, const struct ic_lookup_key *b)
{
    const uint32_t shorter = a->length < b->length ? a->length : b->length;
    const int order = memcmp(a->text, b->text, shorter);

    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_keys(const void *first, const void *second)
{
    const struct ic_lookup_key *a = first, *b = second;
    const int order = compare_text(a, b);

    if (order != 0)
        return order;
    if (a->spelling != b->spelling)
        return a->spelling < b->spelling ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

ic_status ic_lookup_init(struct ic_lookup *lookup, const struct ic_dataset *dataset,
                         struct ic_error *error)
{
    struct ic_lookup_key *key = NULL;
    size_t count, bytes;

    *lookup = (struct ic_lookup){0};
    if (!ic_size_mul(dataset->count, SPELLINGS, &count) ||
        !ic_size_mul(count, sizeof *key, &bytes) || (key = malloc(bytes)) == NULL)
        return ic_fail_memory(error, "the names of the pictures", dataset->count);
    lookup->keys = key;
    lookup->count = count;
    for (size_t i = 0; i < dataset->count; i++) {
        const char *name = dataset->samples[i].name, *own = ic_name_base(name);
        const size_t ending = strlen(name) - ic_name_stem_length(name);
        const uint32_t length = (uint32_t)strlen(name),
                       own_length = (uint32_t)strlen(own);

        for (int s = 0; s < SPELLINGS; s++) {
            const bool is_path = s == PATH || s == PATH_WITHOUT_ENDING;
            const bool is_whole = s == PATH || s == OWN_NAME;

            *key++ = (struct ic_lookup_key){
                .text = is_path ? name : own,
                .length =
                    (is_path ? length : own_length) - (is_whole ? 0 : (uint32_t)ending),
                .spelling = (uint16_t)s,
                .sample = (uint32_t)i,
            };
        }
    }
    qsort(lookup->keys, count, sizeof *lookup->keys, compare_keys);
    return IC_OK;
}

enum ic_lookup_answer ic_lookup_find(const struct ic_lookup *lookup, const char *name,
                                     size_t length, uint32_t *first, uint32_t *second)
{
    const struct ic_lookup_key wanted = {.text = name, .length = (uint32_t)length};
    const struct ic_lookup_key *keys = lookup->keys;
    size_t low = 0, high = lookup->count;

    if (length > UINT32_MAX)
        return IC_LOOKUP_NONE;
    while (low < high) { /* the first key that is not before `wanted` */
        const size_t middle = low + (high - low) / 2;

        if (compare_text(&keys[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == lookup->count || compare_text(&keys[low], &wanted) != 0)
        return IC_LOOKUP_NONE;
    *first = keys[low].sample;
    if (low + 1 == lookup->count || compare_text(&keys[low + 1], &wanted) != 0 ||
        keys[low + 1].spelling != keys[low].spelling)
        return IC_LOOKUP_ONE;
    *second = keys[low + 1].sample;
    return IC_LOOKUP_SEVERAL;
}

void ic_lookup_free(struct ic_lookup *lookup)
{
    free(lookup->keys);
    *lookup = (struct ic_lookup){0};
}
