/* SPDX-License-Identifier: MIT */
/*
 * Computes figures from confusion counts. See confusion.h.
 */
#include "score/confusion.h"

#include <stdlib.h>

uint64_t ic_confusion_cell(const struct ic_scores *scores, int label, int predicted)
{
    return scores
        ->confusion[(size_t)label * (size_t)scores->classes + (size_t)predicted];
}

struct ic_class_counts ic_confusion_counts(const struct ic_scores *scores, int label)
{
    struct ic_class_counts counts = {.right = ic_confusion_cell(scores, label, label)};

    for (int other = 0; other < scores->classes; other++) {
        counts.images += ic_confusion_cell(scores, label, other);
        counts.predicted += ic_confusion_cell(scores, other, label);
    }
    return counts;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

struct ic_figures ic_confusion_figures(const struct ic_class_counts *counts)
{
    return (struct ic_figures){
        .precision = ratio(counts->right, counts->predicted),
        .recall = ratio(counts->right, counts->images),
        .f1 = ratio(2 * counts->right, counts->images + counts->predicted),
    };
}

struct ic_figures ic_confusion_macro(const struct ic_scores *scores)
{
    struct ic_figures sum = {0};
    int present = 0;

    for (int label = 0; label < scores->classes; label++) {
        const struct ic_class_counts counts = ic_confusion_counts(scores, label);
        const struct ic_figures figures = ic_confusion_figures(&counts);

        present += counts.images + counts.predicted > 0;
        sum.precision += figures.precision;
        sum.recall += figures.recall;
        sum.f1 += figures.f1;
    }
    if (present == 0)
        return sum;
    return (struct ic_figures){sum.precision / present, sum.recall / present,
                               sum.f1 / present};
}

/* No two pairs are equal, so the order is unique. */
static int compare_pairs(const void *a, const void *b)
{
    const struct ic_confused *first = a, *second = b;

    if (first->images != second->images)
        return first->images > second->images ? -1 : 1;
    if (first->label != second->label)
        return first->label < second->label ? -1 : 1;
    return first->predicted < second->predicted ? -1 : 1;
}

/* Lists the pairs, or counts them where `pairs` is NULL. */
static size_t list_pairs(const struct ic_scores *scores, struct ic_confused *pairs)
{
    size_t count = 0;

    for (int label = 0; label < scores->classes; label++)
        for (int predicted = 0; predicted < scores->classes; predicted++) {
            const uint64_t images = ic_confusion_cell(scores, label, predicted);

            if (label == predicted || images == 0)
                continue;
            if (pairs != NULL)
                pairs[count] = (struct ic_confused){images, label, predicted};
            count++;
        }
    return count;
}

ic_status ic_confusion_pairs(const struct ic_scores *scores,
                             struct ic_confused **ret_pairs, size_t *ret_count,
                             struct ic_error *error)
{
    const size_t count = list_pairs(scores, NULL);
    struct ic_confused *pairs = calloc(count + 1, sizeof *pairs);

    if (pairs == NULL)
        return ic_fail_memory(error, "the confused classes", count * sizeof *pairs);
    list_pairs(scores, pairs);
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    *ret_pairs = pairs;
    *ret_count = count;
    return IC_OK;
}
