/* SPDX-License-Identifier: MIT */
/*
 * A run's folder with its checkpoint. See run_store.h.
 */
#include "train/run_store.h"

#include <stdlib.h>
#include <string.h>

ic_status ic_run_store_open(struct ic_run_store *store, const struct ic_job *job,
                            const char *fingerprint, struct ic_net *net,
                            enum ic_optimizer_kind kind,
                            struct ic_run_position *position, bool *ret_checkpoint,
                            struct ic_error *error)
{
    ic_status status;

    *store = (struct ic_run_store){0};
    store->defining = ic_job_to_text(job, true);
    if (store->defining == NULL)
        return ic_fail_memory(error, "the job's text", 0);
    store->checkpoint = (struct ic_checkpoint){
        .job = store->defining,
        .data = fingerprint,
        .net = net,
        .kind = kind,
        .position = position,
    };
    status =
        ic_runfolder_open(&store->folder, job->out, job->resume, ret_checkpoint, error);
    if (status != IC_OK)
        return status;
    store->path = ic_runfolder_file(&store->folder, "checkpoint.safetensors");
    if (store->path == NULL)
        return ic_fail_memory(error, "a path", 0);
    return IC_OK;
}

void ic_run_store_close(struct ic_run_store *store)
{
    ic_runfolder_close(&store->folder);
    free(store->defining);
    free(store->path);
    *store = (struct ic_run_store){0};
}

ic_status ic_run_store_load(const struct ic_run_store *store, struct ic_error *error)
{
    return ic_checkpoint_load(&store->checkpoint, store->path, error);
}

ic_status ic_run_store_begin(struct ic_run_store *store, const struct ic_job *job,
                             const struct ic_dataset *dataset,
                             const struct ic_split *split, struct ic_error *error)
{
    const struct ic_run_position *position = store->checkpoint.position;
    char *text = ic_job_to_text(job, false);
    ic_status status;

    if (text == NULL)
        return ic_fail_memory(error, "the job's text", 0);
    status = ic_runfolder_begin(&store->folder, text, dataset, split, position->step,
                                position->epoch, error);
    free(text);
    return status;
}

ic_status ic_run_store_save(struct ic_run_store *store, struct ic_error *error)
{
    const ic_status status = ic_runfolder_sync(&store->folder, error);

    if (status != IC_OK)
        return status;
    return ic_checkpoint_save(&store->checkpoint, store->path, error);
}
