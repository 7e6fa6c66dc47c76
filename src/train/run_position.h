/* SPDX-License-Identifier: MIT */
/*
 * The position of a run: the exact content of a checkpoint's metadata.
 */
#ifndef IC_TRAIN_RUN_POSITION_H
#define IC_TRAIN_RUN_POSITION_H

#include <stdbool.h>

#include "format/safetensors.h"
#include "train/metrics.h"
#include "train/schedule.h"

struct ic_run_position {
    int64_t epoch; /* epochs done, validation included; rows of metrics.csv */
    int64_t batch; /* batches done in the current epoch */
    int64_t step;  /* steps done in the job; rows of steps.csv */
    struct ic_smooth_loss smooth;
    struct ic_best best;       /* of the epochs done */
    struct ic_best phase_best; /* of the epochs done in the current phase */
    int64_t waited;            /* epochs since phase_best, for early stopping */
    int64_t cut[IC_PHASES];    /* epochs of a phase that ended early; 0: it did not */
    double train_seconds;      /* spent on training in the current epoch */
    bool finished;             /* nothing is left to do */
};

/* The position before the first step. */
struct ic_run_position ic_run_position_start(void);

/* Adds the position to the metadata, "checkpoint.epoch" and so on. */
void ic_run_position_put(const struct ic_run_position *position,
                         struct ic_safetensors_writer *writer);

/* Reads the position back. Refused (IC_ERR_FORMAT), naming the key: a missing key, a
 * value that is not a number or below 0, a count that is not whole. Whether the figures
 * are consistent is not checked. `path` is for messages. */
ic_status ic_run_position_get(struct ic_run_position *ret_position,
                              const struct ic_safetensors *file, const char *path,
                              struct ic_error *error);

#endif
