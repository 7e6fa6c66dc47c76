/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a job. See training_data.h.
 */
#include "train/training_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/word.h"
#include "data/dataset_checked.h"
#include "data/duplicates.h"

/* Reads every picture once, names the broken ones, then fails or leaves them out.
 * *ret_dropped gets their number. */
static ic_status check_pictures(struct ic_training_data *data,
                                const struct ic_listener *listener, size_t *ret_dropped,
                                struct ic_error *error)
{
    const bool skip = strcmp(data->job->bad_images, "skip") == 0;
    struct ic_dataset *dataset = &data->dataset;
    struct ic_findings findings = {0};
    ic_status status = ic_check_pictures(dataset, data->job->workers, false,
                                         listener->stop, &findings, error);

    *ret_dropped = findings.count;
    if (status != IC_OK || findings.count == 0 || ic_listener_asked(listener))
        goto out;
    for (size_t i = 0; i < findings.count; i++)
        ic_listener_note(
            listener, "%s %s: %s", dataset->samples[findings.items[i].sample].name,
            skip ? "is left out" : "cannot be read", findings.items[i].reason);
    if (skip)
        status = ic_dataset_drop(dataset, &findings, error);
    else
        status = ic_fail(error, IC_ERR_FORMAT,
                         "%zu of the %zu pictures in %s cannot be read, the first is "
                         "%s: %s (use --bad-images skip to leave them out)",
                         findings.count, dataset->count, dataset->folder,
                         dataset->samples[findings.items[0].sample].name,
                         findings.items[0].reason);
out:
    ic_findings_free(&findings);
    return status;
}

static ic_status make_split(struct ic_training_data *data, size_t dropped,
                            struct ic_error *error)
{
    const struct ic_job *job = data->job;
    struct ic_split *split = &data->split;
    const ic_status status = ic_split_make(&data->dataset, job->split, job->valid_pct,
                                           job->seed, dropped, split, error);

    if (status != IC_OK)
        return status;
    if ((size_t)job->batch > split->train_count)
        return ic_fail(error, IC_ERR_USAGE,
                       "--batch is %d, but there are only %zu training pictures: use a "
                       "smaller batch",
                       job->batch, split->train_count);
    return IC_OK;
}

/* The number of pictures, a checksum of their contents, and a checksum of the
 * validation side. */
static void take_fingerprint(struct ic_training_data *data)
{
    const struct ic_split *split = &data->split;

    snprintf(data->fingerprint, sizeof data->fingerprint, "%zu-%08x-%08x",
             data->dataset.count, ic_dataset_fingerprint(&data->dataset),
             ic_file_crc32(0, split->valid, split->valid_count * sizeof *split->valid));
}

/* Notes classes that only the other side has: they are learned without being validated,
 * or validated without being learned. */
static void note_missing(const struct ic_training_data *data,
                         const struct ic_listener *listener, const size_t *on_side,
                         const char *purpose)
{
    const struct ic_dataset *dataset = &data->dataset;
    int first;
    const int missing = ic_class_counts_missing(&data->counts, on_side, &first);

    if (missing == 1)
        ic_listener_note(listener, "the class %s has no pictures for %s",
                         dataset->classes[first], purpose);
    else if (missing > 1)
        ic_listener_note(listener,
                         "%d of the %d classes have no pictures for %s; %s is the "
                         "first of them",
                         missing, dataset->class_count, purpose,
                         dataset->classes[first]);
}

static void note_loose(const struct ic_dataset *dataset,
                       const struct ic_listener *listener)
{
    if (dataset->loose == 1)
        ic_listener_note(listener, "%s/%s is in no class folder and is left out",
                         dataset->folder, dataset->first_loose);
    else if (dataset->loose > 1)
        ic_listener_note(listener,
                         "%zu files of %s are in no class folder and are left out; "
                         "%s is the first of them",
                         dataset->loose, dataset->folder, dataset->first_loose);
}

static int compare_samples(const void *a, const void *b)
{
    const uint32_t *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

static bool validates(const struct ic_split *split, uint32_t sample)
{
    return bsearch(&sample, split->valid, split->valid_count, sizeof *split->valid,
                   compare_samples) != NULL;
}

/* Notes how many pairs of equal files have the property `what`. */
static void note_pairs(const struct ic_training_data *data,
                       const struct ic_listener *listener, size_t count,
                       const struct ic_duplicate *first, const char *what)
{
    const struct ic_sample *const samples = data->dataset.samples;

    if (count > 0)
        ic_listener_note(listener, "%zu picture%s a picture %s, for example %s and %s",
                         count, count == 1 ? " duplicates" : "s duplicate", what,
                         samples[first->sample].name, samples[first->first].name);
}

/* Notes duplicates. Equal pictures in two classes cannot be told apart, and a pair on
 * both sides of the split is validated on what was memorised. */
static ic_status note_duplicates(const struct ic_training_data *data,
                                 const struct ic_listener *listener,
                                 struct ic_error *error)
{
    const struct ic_sample *const samples = data->dataset.samples;
    const struct ic_duplicate *other_class = NULL, *other_side = NULL;
    size_t classes = 0, sides = 0;
    struct ic_duplicates duplicates;
    const ic_status status = ic_duplicates_find(&data->dataset, &duplicates, error);

    for (size_t i = 0; i < duplicates.count; i++) {
        const struct ic_duplicate *const pair = &duplicates.items[i];

        if (samples[pair->sample].label != samples[pair->first].label && classes++ == 0)
            other_class = pair;
        if (validates(&data->split, pair->sample) !=
                validates(&data->split, pair->first) &&
            sides++ == 0)
            other_side = pair;
    }
    note_pairs(data, listener, classes, other_class, "of another class");
    note_pairs(data, listener, sides, other_side, "on the other side of the split");
    ic_duplicates_free(&duplicates);
    return status;
}

ic_status ic_training_data_open(struct ic_training_data *data, const struct ic_job *job,
                                struct ic_error *error)
{
    struct ic_dataset *dataset = &data->dataset;
    ic_status status;

    *data = (struct ic_training_data){
        .job = job,
        .augment = ic_word_index(ic_augment_names, job->augment),
        .decode = ic_word_index(ic_decode_names, job->decode),
    };
    status = ic_dataset_open_asked(job->data, job->labels, dataset, error);
    if (status == IC_OK && dataset->class_count < 2)
        status = ic_fail(
            error, IC_ERR_USAGE,
            "all %zu pictures of %s are of one class, %s; training needs at least two",
            dataset->count, dataset->folder, dataset->classes[0]);
    return status;
}

void ic_training_data_close(struct ic_training_data *data)
{
    ic_class_counts_free(&data->counts);
    ic_split_free(&data->split);
    ic_dataset_close(&data->dataset);
    *data = (struct ic_training_data){0};
}

ic_status ic_training_data_check(struct ic_training_data *data,
                                 const struct ic_listener *listener,
                                 struct ic_error *error)
{
    size_t dropped;
    ic_status status = make_split(data, 0, error);

    ic_split_free(&data->split);
    if (status == IC_OK)
        status = check_pictures(data, listener, &dropped, error);
    if (status != IC_OK || ic_listener_asked(listener))
        return status;
    status = make_split(data, dropped, error);
    if (status == IC_OK)
        status =
            ic_class_counts_make(&data->dataset, &data->split, &data->counts, error);
    if (status != IC_OK)
        return status;
    note_loose(&data->dataset, listener);
    note_missing(data, listener, data->counts.train, "training");
    note_missing(data, listener, data->counts.valid, "validation");
    status = note_duplicates(data, listener, error);
    take_fingerprint(data);
    data->epoch_batches =
        (int64_t)ic_loader_batches(data->split.train_count, data->job->batch, true);
    return status;
}

ic_status ic_training_data_load(const struct ic_training_data *data,
                                const struct ic_model *model, int64_t epoch,
                                int64_t first_batch, struct ic_stretch part,
                                struct ic_loader **ret_loader, struct ic_error *error)
{
    const struct ic_loader_options options = {
        .dataset = &data->dataset,
        .samples = data->split.train,
        .sample_count = data->split.train_count,
        .batch = data->job->batch,
        .size = model->size,
        .presize = model->presize,
        .upright = model->upright,
        .fit = model->fit,
        .train = true,
        .labels_only = part.end == part.first,
        .part_first = part.end > part.first ? (int)part.first : 0,
        .part_count = (int)(part.end - part.first),
        .decode = data->decode,
        .augment = data->augment,
        .parts = data->job->parts,
        .balanced = strcmp(data->job->sampling, "balanced") == 0,
        .seed = data->job->seed,
        .epoch = (uint32_t)epoch,
        .first_batch = (size_t)first_batch,
        .workers = data->job->workers,
    };

    return ic_loader_open(&options, ret_loader, error);
}

ic_status ic_training_data_load_pictures(const struct ic_training_data *data,
                                         const struct ic_model *model,
                                         const struct ic_batch *labels,
                                         struct ic_loader **ret_loader,
                                         struct ic_error *error)
{
    const struct ic_loader_options options = {
        .dataset = &data->dataset,
        .samples = labels->samples,
        .sample_count = (size_t)labels->count,
        .batch = labels->count,
        .size = model->size,
        .presize = model->presize,
        .upright = model->upright,
        .fit = model->fit,
        .random_views = true,
        .decode = data->decode,
        .augment = data->augment,
        .parts = data->job->parts,
        .balanced = strcmp(data->job->sampling, "balanced") == 0,
        .seed = data->job->seed,
        .workers = data->job->workers,
    };

    return ic_loader_open(&options, ret_loader, error);
}
