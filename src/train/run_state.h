/* SPDX-License-Identifier: MIT */
/*
 * The internal state of a run, for run.c and run_begin.c.
 */
#ifndef IC_TRAIN_RUN_STATE_H
#define IC_TRAIN_RUN_STATE_H

#include "train/run_store.h"
#include "train/trainer.h"

struct ic_run {
    const struct ic_job *job; /* complete */
    struct ic_listener listener;
    struct ic_trainer trainer;
    struct ic_run_store store; /* of rank 0 alone: it writes for all */
    struct ic_run_position position;
};

/* Whether this rank writes the run folder. */
static inline bool ic_run_writes(const struct ic_run *run)
{
    return ic_comm_rank(run->listener.comm) == 0;
}

/* Enters the run: a new one, or the one in the folder's checkpoint. The folder is then
 * as it has to be from the first step on. */
ic_status ic_run_begin(struct ic_run *run, struct ic_error *error);

#endif
