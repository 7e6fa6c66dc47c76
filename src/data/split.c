/* SPDX-License-Identifier: MIT */
/*
 * Divides the samples into those that train and those that validate.
 *
 * "random" counts as fastai's RandomSplitter does (cut = int(valid_pct * n)); the
 * permutation is our own. Small classes each get their share (split_shares.h).
 * "official" is the paper's: Parkhi et al., "Cats and Dogs", CVPR 2012; pictures that
 * neither of its lists names are on neither side.
 */
#include "data/split.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/random.h"
#include "base/size.h"
#include "data/split_marks.h"
#include "data/split_shares.h"

/* --- the three ways -------------------------------------------------------------- */

static ic_status split_official(struct ic_split_marks *marks, size_t dropped,
                                struct ic_error *error)
{
    const char *folder = marks->dataset->folder;
    char *train = ic_file_join(folder, "annotations/trainval.txt");
    char *valid = ic_file_join(folder, "annotations/test.txt");
    ic_status status = IC_OK;

    if (train == NULL || valid == NULL)
        status = ic_fail_memory(error, "a path", 0);
    else if (!ic_file_exists(train) || !ic_file_exists(valid))
        status = ic_fail(error, IC_ERR_USAGE,
                         "%s has no official split: expected annotations/trainval.txt "
                         "and annotations/test.txt below it",
                         folder);
    else
        status = ic_split_marks_take(marks, train, valid, true, dropped, error);
    free(train);
    free(valid);
    return status;
}

static ic_status split_file(struct ic_split_marks *marks, const char *list,
                            size_t dropped, struct ic_error *error)
{
    if (!ic_file_exists(list))
        return ic_fail(error, IC_ERR_USAGE,
                       "there is no split or file %s: expected random, official or a "
                       "file that lists the validation pictures",
                       list);
    for (size_t i = 0; i < marks->dataset->count; i++)
        marks->items[i].side = IC_SPLIT_TRAIN;
    return ic_split_marks_take(marks, NULL, list, false, dropped, error);
}

static ic_status split_random(struct ic_split_marks *marks, double valid_pct,
                              uint64_t seed, struct ic_error *error)
{
    const struct ic_dataset *const dataset = marks->dataset;
    const uint32_t count = (uint32_t)dataset->count;
    const uint32_t cut = (uint32_t)(valid_pct * count);
    struct ic_random random;
    struct ic_split_shares shares;
    uint32_t *order = NULL;
    size_t bytes;
    ic_status status = ic_split_shares_make(dataset, cut, &shares, error);

    if (status == IC_OK &&
        (!ic_size_mul(count, sizeof *order, &bytes) || (order = malloc(bytes)) == NULL))
        status = ic_fail_memory(error, "the order of a split", count * sizeof *order);
    if (status == IC_OK) {
        ic_random_init(&random, seed, IC_RANDOM_SPLIT, 0, 0);
        ic_random_permutation(&random, order, count);
        for (uint32_t i = 0; i < count; i++) {
            const struct ic_sample *const sample = &dataset->samples[order[i]];

            marks->items[order[i]].side = ic_split_shares_take(&shares, sample->label)
                                              ? IC_SPLIT_VALID
                                              : IC_SPLIT_TRAIN;
        }
    }
    free(order);
    ic_split_shares_free(&shares);
    return status;
}

/* Takes the split that the folders train/ and valid/ make. False when the layout has
 * none. */
static bool split_as_it_stands(struct ic_split_marks *marks)
{
    for (size_t i = 0; i < marks->dataset->count; i++) {
        const enum ic_sample_part part = marks->dataset->samples[i].part;

        if (part == IC_PART_ANY)
            return false;
        marks->items[i].side = part == IC_PART_TRAIN ? IC_SPLIT_TRAIN : IC_SPLIT_VALID;
    }
    return true;
}

ic_status ic_split_knows_list(const struct ic_dataset *dataset, const char *list,
                              bool *ret_knows, struct ic_error *error)
{
    struct ic_split_marks marks;
    ic_status status = ic_split_marks_open(&marks, dataset, error);

    *ret_knows = false;
    if (status == IC_OK)
        status = ic_split_marks_take(&marks, NULL, list, false, SIZE_MAX, error);
    for (size_t i = 0; status == IC_OK && i < dataset->count; i++)
        *ret_knows |= marks.items[i].side == IC_SPLIT_VALID;
    ic_split_marks_free(&marks);
    return status;
}

/* --- public functions ------------------------------------------------------------ */

/* Turns the marks into lists of indices, which come out ascending. */
static ic_status collect(const struct ic_split_marks *marks, const char *how,
                         struct ic_split *split, struct ic_error *error)
{
    const size_t count = marks->dataset->count;
    size_t bytes;

    if (!ic_size_mul(count, sizeof *split->train, &bytes) ||
        (split->train = malloc(bytes)) == NULL ||
        (split->valid = malloc(bytes)) == NULL)
        return ic_fail_memory(error, "a split", count * sizeof *split->train);
    for (uint32_t i = 0; i < count; i++) {
        if (marks->items[i].side == IC_SPLIT_TRAIN)
            split->train[split->train_count++] = i;
        else if (marks->items[i].side == IC_SPLIT_VALID)
            split->valid[split->valid_count++] = i;
    }
    if (split->train_count > 0 && split->valid_count > 0)
        return IC_OK;
    return ic_fail(
        error, IC_ERR_USAGE,
        "the split %s of %s has %zu training and %zu validation pictures; both need at "
        "least one: use another --split, or another --valid-pct with --split random",
        how, marks->dataset->folder, split->train_count, split->valid_count);
}

ic_status ic_split_make(const struct ic_dataset *dataset, const char *how,
                        double valid_pct, uint64_t seed, size_t dropped,
                        struct ic_split *ret_split, struct ic_error *error)
{
    struct ic_split_marks marks;
    ic_status status = ic_split_marks_open(&marks, dataset, error);

    *ret_split = (struct ic_split){0};
    if (status != IC_OK)
        return status;
    if (strcmp(how, "official") == 0)
        status = split_official(&marks, dropped, error);
    else if (strcmp(how, "random") != 0)
        status = split_file(&marks, how, dropped, error);
    else if (split_as_it_stands(&marks))
        status = IC_OK;
    else if (!(valid_pct > 0 && valid_pct < 1))
        status = ic_fail(error, IC_ERR_USAGE,
                         "the validation fraction is %g, but must be between 0 and 1",
                         valid_pct);
    else
        status = split_random(&marks, valid_pct, seed, error);
    if (status == IC_OK)
        status = collect(&marks, how, ret_split, error);
    if (status != IC_OK)
        ic_split_free(ret_split);
    ic_split_marks_free(&marks);
    return status;
}

void ic_split_free(struct ic_split *split)
{
    free(split->train);
    free(split->valid);
    *split = (struct ic_split){0};
}
