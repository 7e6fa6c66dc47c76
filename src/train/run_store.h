/* SPDX-License-Identifier: MIT */
/*
 * The folder of a run with its checkpoint: made for a new run or opened for a resumed
 * one, and saved to after steps.
 */
#ifndef IC_TRAIN_RUN_STORE_H
#define IC_TRAIN_RUN_STORE_H

#include "train/checkpoint.h"
#include "train/job.h"
#include "train/runfolder.h"

/* All zero is closed. */
struct ic_run_store {
    struct ic_runfolder folder;
    struct ic_checkpoint checkpoint; /* the parts of each checkpoint */
    char *defining;                  /* the job's text for comparing checkpoints */
    char *path;                      /* the checkpoint's file */
};

/* Makes the folder of a complete job, or opens it where the job resumes, and locks it.
 * *ret_checkpoint says whether the folder has a checkpoint. `fingerprint` is the
 * data's. Checkpoints are made of fingerprint, net and position, which outlive the
 * store. The caller closes the store, also after a failure. */
ic_status ic_run_store_open(struct ic_run_store *store, const struct ic_job *job,
                            const char *fingerprint, struct ic_net *net,
                            enum ic_optimizer_kind kind,
                            struct ic_run_position *position, bool *ret_checkpoint,
                            struct ic_error *error);
void ic_run_store_close(struct ic_run_store *store);

/* Fills net and position from the checkpoint; see ic_checkpoint_load. */
ic_status ic_run_store_load(const struct ic_run_store *store, struct ic_error *error);

/* Writes job.conf and split.txt, and cuts the tables to the rows that the position
 * accounts for. */
ic_status ic_run_store_begin(struct ic_run_store *store, const struct ic_job *job,
                             const struct ic_dataset *dataset,
                             const struct ic_split *split, struct ic_error *error);

/* Syncs the tables to disk and writes the checkpoint. */
ic_status ic_run_store_save(struct ic_run_store *store, struct ic_error *error);

#endif
