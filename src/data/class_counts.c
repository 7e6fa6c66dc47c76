/* SPDX-License-Identifier: MIT */
/*
 * Counts classes. See class_counts.h.
 */
#include "data/class_counts.h"

#include <stdlib.h>

static void count(size_t *of_class, const struct ic_dataset *dataset,
                  const uint32_t *samples, size_t sample_count)
{
    for (size_t i = 0; i < sample_count; i++)
        of_class[dataset->samples[samples[i]].label]++;
}

ic_status ic_class_counts_make(const struct ic_dataset *dataset,
                               const struct ic_split *split,
                               struct ic_class_counts *ret_counts,
                               struct ic_error *error)
{
    const size_t classes = (size_t)dataset->class_count;
    struct ic_class_counts c = {.train = calloc(classes + 1, sizeof *c.train),
                                .valid = calloc(classes + 1, sizeof *c.valid),
                                .classes = dataset->class_count};

    *ret_counts = c;
    if (c.train == NULL || c.valid == NULL) {
        ic_class_counts_free(ret_counts);
        return ic_fail_memory(error, "the counts of classes",
                              classes * sizeof *c.train);
    }
    count(c.train, dataset, split->train, split->train_count);
    count(c.valid, dataset, split->valid, split->valid_count);
    return IC_OK;
}

void ic_class_counts_free(struct ic_class_counts *counts)
{
    free(counts->train);
    free(counts->valid);
    *counts = (struct ic_class_counts){0};
}

int ic_class_counts_missing(const struct ic_class_counts *counts, const size_t *on_side,
                            int *ret_first)
{
    int missing = 0;

    *ret_first = -1;
    for (int i = 0; i < counts->classes; i++)
        if (on_side[i] == 0 && missing++ == 0)
            *ret_first = i;
    return missing;
}
