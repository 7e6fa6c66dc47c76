/* SPDX-License-Identifier: MIT */
/*
 * The run folder: its files, who may write it, and its growing tables.
 *
 *   job.conf                every option, as a job file
 *   split.txt               the names of the validation pictures
 *   steps.csv, metrics.csv  one row per step, one row per epoch
 *   checkpoint.safetensors  see checkpoint.h
 *   model.safetensors       weights after the last epoch
 *   best.safetensors        weights after the epoch with the smallest error rate
 *   first-batch.svg         what training begins with; report/ draws it, for people
 *   .lock                   empty; locked while a process trains there
 *   mlflow.outbox, .json    the run's reports to a server, and how far track/ is
 *
 * A table is appended to, and synced to disk before each checkpoint. A resume cuts the
 * table back to the rows that the checkpoint accounts for. So its rows are right
 * whatever happened in between.
 */
#ifndef IC_TRAIN_RUNFOLDER_H
#define IC_TRAIN_RUNFOLDER_H

#include <stdio.h>

#include "data/split.h"
#include "train/run.h"

/* All zero is closed. */
struct ic_runfolder {
    char *path;
    FILE *lock; /* of .lock, an empty file: one process at a time */
    FILE *steps, *metrics;
};

/* Refuses a folder that cannot be used, before any work: one that is not a run folder,
 * one that is (without `resume`), one that cannot be written. A folder that holds only
 * empty or half-written files of a run counts as new. Writes nothing. */
ic_status ic_runfolder_check(const char *path, bool resume, struct ic_error *error);

/* Makes the folder, takes the lock (refused while another process trains there), and
 * removes half-written files of a killed process. `*ret_checkpoint` says whether there
 * is a checkpoint to continue from. */
ic_status ic_runfolder_open(struct ic_runfolder *folder, const char *path, bool resume,
                            bool *ret_checkpoint, struct ic_error *error);
void ic_runfolder_close(struct ic_runfolder *folder); /* all zero is fine */

/* Writes job.conf and split.txt, and cuts the tables to the given numbers of rows below
 * their heads. Refused: a table with fewer rows. */
ic_status ic_runfolder_begin(struct ic_runfolder *folder, const char *job_text,
                             const struct ic_dataset *dataset,
                             const struct ic_split *split, int64_t step_rows,
                             int64_t metric_rows, struct ic_error *error);

/* Append a row. */
ic_status ic_runfolder_add_step(struct ic_runfolder *folder,
                                const struct ic_step_report *step,
                                struct ic_error *error);
ic_status ic_runfolder_add_epoch(struct ic_runfolder *folder,
                                 const struct ic_epoch_report *epoch,
                                 struct ic_error *error);

/* Waits until the rows are on disk. */
ic_status ic_runfolder_sync(struct ic_runfolder *folder, struct ic_error *error);

/* "runs/a/model.safetensors"; the caller frees it, NULL when out of memory. */
char *ic_runfolder_file(const struct ic_runfolder *folder, const char *name);

#endif
