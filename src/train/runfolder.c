/* SPDX-License-Identifier: MIT */
/*
 * The run folder. See runfolder.h; its tables are in runtable.c.
 */
#include "train/runfolder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "train/runtable.h"

/* Files that this module and its callers write, and that a resume looks for. */
static const char *const own_files[] = {
    "steps.csv",
    "metrics.csv",
    "job.conf",
    "split.txt",
    "checkpoint.safetensors",
    "model.safetensors",
    "best.safetensors",
    "first-batch.svg",
    "curves.svg",
    "report.html",
    "mlflow.json",
    "mlflow.outbox",
    NULL,
};

/* Whether a file is one of ours: "steps.csv", or "job.conf.tmp-123", the leftover of a
 * killed process. */
static bool is_own_file(const char *name, bool *ret_leftover)
{
    for (int i = 0; own_files[i] != NULL; i++) {
        const size_t length = strlen(own_files[i]);

        if (strncmp(name, own_files[i], length) != 0)
            continue;
        *ret_leftover = strncmp(name + length, ".tmp-", 5) == 0;
        if (name[length] == '\0' || *ret_leftover)
            return true;
    }
    return false;
}

/* Whether a file is only what an early kill leaves, half-written or empty, so that a
 * new run spoils nothing. */
static bool is_blank_file(const char *folder, const char *name)
{
    char *path = ic_file_join(folder, name);
    struct stat about;
    bool leftover;
    bool blank = is_own_file(name, &leftover) && leftover;

    if (!blank && path != NULL && is_own_file(name, &leftover))
        blank = stat(path, &about) == 0 && about.st_size == 0;
    free(path);
    return blank;
}

char *ic_runfolder_file(const struct ic_runfolder *folder, const char *name)
{
    return ic_file_join(folder->path, name);
}

ic_status ic_runfolder_check(const char *path, bool resume, struct ic_error *error)
{
    char **names = NULL;
    size_t count = 0, blank = 0;
    bool own = false, leftover;
    ic_status status;

    if (ic_file_exists(path) && !ic_file_is_folder(path))
        return ic_fail(error, IC_ERR_USAGE, "--out %s is a file, expected a folder",
                       path);
    status = ic_file_check_folder(path, error);
    if (status == IC_OK && ic_file_exists(path))
        status = ic_file_list(path, &names, &count, error);
    if (status != IC_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        own |= is_own_file(names[i], &leftover);
        blank += is_blank_file(path, names[i]);
    }
    ic_file_free_names(names, count);
    if (blank == count)
        return IC_OK;
    if (!own)
        return ic_fail(
            error, IC_ERR_USAGE,
            "the folder %s exists but is not a run folder: use another --out", path);
    if (!resume)
        return ic_fail(error, IC_ERR_USAGE,
                       "the run folder %s exists: use --resume to continue it, or "
                       "another --out for a new run",
                       path);
    return IC_OK;
}

static ic_status remove_leftovers(const char *path, struct ic_error *error)
{
    char **names = NULL;
    size_t count = 0;
    const ic_status status = ic_file_list(path, &names, &count, error);

    for (size_t i = 0; status == IC_OK && i < count; i++) {
        bool leftover;

        if (is_own_file(names[i], &leftover) && leftover) {
            char *file = ic_file_join(path, names[i]);

            if (file != NULL)
                unlink(file); /* a file that stays does no harm */
            free(file);
        }
    }
    ic_file_free_names(names, count);
    return status;
}

/* Allows one process at a time. The lock is on a file of its own, which stays: an
 * editor that saves a table puts another file in its place. On a file system without
 * locks, none is taken. */
static ic_status lock(struct ic_runfolder *folder, struct ic_error *error)
{
    const ic_status status =
        ic_runtable_open(&folder->lock, folder->path, ".lock", error);

    if (status != IC_OK)
        return status;
    if (flock(fileno(folder->lock), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return ic_fail(error, IC_ERR_USAGE, "another process is training in %s",
                       folder->path);
    return IC_OK;
}

ic_status ic_runfolder_open(struct ic_runfolder *folder, const char *path, bool resume,
                            bool *ret_checkpoint, struct ic_error *error)
{
    char *checkpoint = NULL;
    ic_status status;

    *folder = (struct ic_runfolder){0};
    status = ic_runfolder_check(path, resume, error);
    if (status == IC_OK)
        status = ic_file_make_folder(path, error);
    if (status != IC_OK)
        return status;
    folder->path = strdup(path);
    checkpoint = ic_file_join(path, "checkpoint.safetensors");
    if (folder->path == NULL || checkpoint == NULL)
        status = ic_fail_memory(error, "a path", 0);
    if (status == IC_OK)
        status = lock(folder, error);
    if (status == IC_OK)
        status = ic_runtable_open(&folder->steps, path, "steps.csv", error);
    if (status == IC_OK)
        status = ic_runtable_open(&folder->metrics, path, "metrics.csv", error);
    if (status == IC_OK)
        status = remove_leftovers(path, error);
    if (status == IC_OK)
        *ret_checkpoint = ic_file_exists(checkpoint);
    else
        ic_runfolder_close(folder);
    free(checkpoint);
    return status;
}

void ic_runfolder_close(struct ic_runfolder *folder)
{
    if (folder->steps != NULL)
        fclose(folder->steps);
    if (folder->metrics != NULL)
        fclose(folder->metrics);
    if (folder->lock != NULL)
        fclose(folder->lock);
    free(folder->path);
    *folder = (struct ic_runfolder){0};
}

static ic_status write_split(const struct ic_runfolder *folder,
                             const struct ic_dataset *dataset,
                             const struct ic_split *split, struct ic_error *error)
{
    struct ic_file_writer writer = {0};
    char *path = ic_runfolder_file(folder, "split.txt");
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_file_writer_open(&writer, path, error);
    if (status == IC_OK) {
        for (size_t i = 0; i < split->valid_count; i++)
            fprintf(writer.stream, "%s\n", dataset->samples[split->valid[i]].name);
        status = ic_file_writer_commit(&writer, error);
    }
    free(path);
    return status;
}

ic_status ic_runfolder_begin(struct ic_runfolder *folder, const char *job_text,
                             const struct ic_dataset *dataset,
                             const struct ic_split *split, int64_t step_rows,
                             int64_t metric_rows, struct ic_error *error)
{
    char *path = ic_runfolder_file(folder, "job.conf");
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_file_write(path, job_text, strlen(job_text), error);
    free(path);
    if (status == IC_OK)
        status = write_split(folder, dataset, split, error);
    if (status == IC_OK)
        status = ic_runtable_cut(folder->steps, folder->path, "steps.csv",
                                 "step,phase,lr,momentum,loss", step_rows, error);
    if (status == IC_OK)
        status = ic_runtable_cut(folder->metrics, folder->path, "metrics.csv",
                                 "phase,epoch,step,train_loss,valid_loss,error_rate,"
                                 "seconds,images_per_second",
                                 metric_rows, error);
    return status;
}

ic_status ic_runfolder_add_step(struct ic_runfolder *folder,
                                const struct ic_step_report *step,
                                struct ic_error *error)
{
    const ic_status status =
        ic_runtable_check(folder->steps, folder->path, "steps.csv", error);

    if (status != IC_OK)
        return status;
    fprintf(folder->steps, "%lld,%s,%.9g,%.9g,%.9g\n", (long long)step->step,
            step->phase, step->lr, step->momentum, step->loss);
    return ic_runtable_flush(folder->steps, folder->path, "steps.csv", error);
}

ic_status ic_runfolder_add_epoch(struct ic_runfolder *folder,
                                 const struct ic_epoch_report *epoch,
                                 struct ic_error *error)
{
    const ic_status status =
        ic_runtable_check(folder->metrics, folder->path, "metrics.csv", error);

    if (status != IC_OK)
        return status;
    fprintf(folder->metrics, "%s,%d,%lld,%.9g,%.9g,%.9g,%.3f,%.3f\n", epoch->phase,
            epoch->epoch, (long long)epoch->step, epoch->train_loss, epoch->valid_loss,
            epoch->error_rate, epoch->seconds, epoch->images_per_second);
    return ic_runtable_flush(folder->metrics, folder->path, "metrics.csv", error);
}

ic_status ic_runfolder_sync(struct ic_runfolder *folder, struct ic_error *error)
{
    ic_status status =
        ic_runtable_sync(folder->steps, folder->path, "steps.csv", error);

    if (status == IC_OK)
        status = ic_runtable_sync(folder->metrics, folder->path, "metrics.csv", error);
    return status;
}
