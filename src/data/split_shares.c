/* SPDX-License-Identifier: MIT */
/*
 * The shares of the classes. See split_shares.h.
 */
#include "data/split_shares.h"

#include <stdlib.h>

/* The label whose share lost the most when it was rounded down; its remainder becomes
 * zero. cut * n is below 2^64, since both count samples. */
static int take_largest(uint64_t *remainders, int classes)
{
    int largest = 0;

    for (int i = 1; i < classes; i++)
        if (remainders[i] > remainders[largest])
            largest = i;
    remainders[largest] = 0;
    return largest;
}

/* Sets shares->left to how many pictures of each class may validate. `sizes` holds the
 * classes' numbers of pictures and is overwritten. */
static void divide(struct ic_split_shares *shares, uint64_t *sizes, int classes,
                   size_t count)
{
    size_t left = shares->total;

    for (int i = 0; i < classes; i++) {
        shares->left[i] = shares->total * sizes[i] / count;
        left -= shares->left[i];
        sizes[i] = shares->total * sizes[i] % count; /* the remainder */
    }
    while (left-- > 0)
        shares->left[take_largest(sizes, classes)]++;
}

ic_status ic_split_shares_make(const struct ic_dataset *dataset, size_t cut,
                               struct ic_split_shares *ret_shares,
                               struct ic_error *error)
{
    const size_t classes = (size_t)dataset->class_count;
    uint64_t *sizes = calloc(classes, sizeof *sizes);
    bool few = false;

    *ret_shares = (struct ic_split_shares){.total = cut};
    if (sizes == NULL)
        return ic_fail_memory(error, "the classes of a split", classes * sizeof *sizes);
    for (size_t i = 0; i < dataset->count; i++)
        sizes[dataset->samples[i].label]++;
    for (size_t i = 0; i < classes; i++)
        few |= sizes[i] > 0 && cut * sizes[i] < IC_SPLIT_FEW * dataset->count;
    if (few && (ret_shares->left = calloc(classes, sizeof *ret_shares->left)) == NULL) {
        free(sizes);
        return ic_fail_memory(error, "the classes of a split",
                              classes * sizeof *ret_shares->left);
    }
    if (few)
        divide(ret_shares, sizes, dataset->class_count, dataset->count);
    free(sizes);
    return IC_OK;
}

bool ic_split_shares_take(struct ic_split_shares *shares, int label)
{
    size_t *const left = shares->left != NULL ? &shares->left[label] : &shares->total;

    if (*left == 0)
        return false;
    --*left;
    return true;
}

void ic_split_shares_free(struct ic_split_shares *shares)
{
    free(shares->left);
    *shares = (struct ic_split_shares){0};
}
