/*
 * The pictures of a job: found, looked at, split, loaded. See trainer.h.
 *
 * Reading all pictures takes minutes on a large data set. So what can be refused
 * without reading them (a list that names others, a batch that is too large) is refused
 * before.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/word.h"
#include "data/dataset_checked.h"
#include "train/trainer.h"

/* Reads every picture once: names the broken ones, then fails or leaves them out.
 * *ret_dropped is how many. */
static ic_status check_pictures(struct ic_trainer *trainer, size_t *ret_dropped,
                                struct ic_error *error)
{
    const bool skip = strcmp(trainer->job.bad_images, "skip") == 0;
    struct ic_dataset *dataset = &trainer->dataset;
    struct ic_findings findings = {0};
    ic_status status = ic_check_pictures(dataset, trainer->job.workers, false,
                                         trainer->stop, &findings, error);

    *ret_dropped = findings.count;
    if (status != IC_OK || findings.count == 0 || ic_trainer_must_stop(trainer))
        goto out;
    for (size_t i = 0; i < findings.count; i++)
        ic_trainer_note(
            trainer, "%s %s: %s", dataset->samples[findings.items[i].sample].name,
            skip ? "is left out" : "cannot be read", findings.items[i].reason);
    if (skip)
        status = ic_dataset_drop(dataset, &findings, error);
    else
        status = ic_fail(error, IC_ERR_FORMAT,
                         "%zu of the %zu pictures in %s cannot be read, the first is "
                         "%s: %s (--bad-images skip leaves them out)",
                         findings.count, dataset->count, dataset->folder,
                         dataset->samples[findings.items[0].sample].name,
                         findings.items[0].reason);
out:
    ic_findings_free(&findings);
    return status;
}

static ic_status make_split(struct ic_trainer *trainer, size_t dropped,
                            struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_split *split = &trainer->split;
    const ic_status status =
        ic_split_make(&trainer->dataset, job->split, job->valid_pct, job->seed, dropped,
                      split, error);

    if (status != IC_OK)
        return status;
    if ((size_t)job->batch > split->train_count)
        return ic_fail(error, IC_ERR_USAGE,
                       "--batch is %d, but only %zu pictures are for training: take "
                       "at most as many",
                       job->batch, split->train_count);
    return IC_OK;
}

/* Number of pictures, what they are, which of them validate. */
static void take_fingerprint(struct ic_trainer *trainer)
{
    const struct ic_split *split = &trainer->split;

    snprintf(trainer->fingerprint, sizeof trainer->fingerprint, "%zu-%08x-%08x",
             trainer->dataset.count, ic_dataset_fingerprint(&trainer->dataset),
             ic_file_crc32(0, split->valid, split->valid_count * sizeof *split->valid));
}

ic_status ic_trainer_open_data(struct ic_trainer *trainer, struct ic_error *error)
{
    const struct ic_job *job = &trainer->job;
    struct ic_dataset *dataset = &trainer->dataset;
    const int labels = ic_word_index(ic_labels_names, job->labels);
    ic_status status = ic_dataset_open(job->data, labels, dataset, error);

    if (status == IC_OK && dataset->class_count < 2)
        status = ic_fail(error, IC_ERR_USAGE,
                         "all %zu pictures of %s are of one class, %s; there is "
                         "nothing to tell apart",
                         dataset->count, dataset->folder, dataset->classes[0]);
    return status;
}

ic_status ic_trainer_check_data(struct ic_trainer *trainer, struct ic_error *error)
{
    size_t dropped;
    ic_status status = make_split(trainer, 0, error);

    ic_split_free(&trainer->split);
    if (status == IC_OK)
        status = check_pictures(trainer, &dropped, error);
    if (status == IC_OK && !ic_trainer_must_stop(trainer))
        status = make_split(trainer, dropped, error);
    if (status != IC_OK)
        return status;
    take_fingerprint(trainer);
    trainer->epoch_batches = (int64_t)ic_loader_batches(trainer->split.train_count,
                                                        trainer->job.batch, true);
    return IC_OK;
}

ic_status ic_trainer_open_loader(const struct ic_trainer *trainer, int64_t epoch,
                                 int64_t first_batch, bool labels_only,
                                 struct ic_loader **ret_loader, struct ic_error *error)
{
    const struct ic_loader_options options = {
        .dataset = &trainer->dataset,
        .samples = trainer->split.train,
        .sample_count = trainer->split.train_count,
        .batch = trainer->job.batch,
        .size = trainer->model.size,
        .presize = trainer->model.presize,
        .fit = trainer->model.fit,
        .train = true,
        .labels_only = labels_only,
        .decode = trainer->decode,
        .augment = trainer->augment,
        .seed = trainer->job.seed,
        .epoch = (uint32_t)epoch,
        .first_batch = (size_t)first_batch,
        .workers = trainer->job.workers,
    };

    return ic_loader_open(&options, ret_loader, error);
}
