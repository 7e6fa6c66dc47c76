/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.safetensors holds all that an exact resume needs.
 *
 *   metadata  checkpoint.version  "3"
 *             checkpoint.job      defining options, one "key = value" per line
 *             checkpoint.data     fingerprint of the data set and its split
 *             checkpoint.epoch, .batch, .step, ...   struct ic_run_position
 *   tensors   model.NAME          weights and running statistics, as in a model file
 *             average.NAME        their moving average, with --ema
 *             optimizer.SLOT.NAME the optimiser's state, shaped as the weights
 *             checksums           of the header and of each of these
 * (format/safetensors.h)
 *
 * The file holds no state of a random generator: random numbers are a function of the
 * seed and of the run's position (base/random.h).
 */
#ifndef IC_TRAIN_CHECKPOINT_H
#define IC_TRAIN_CHECKPOINT_H

#include "graph/net.h"
#include "train/optimizer.h"
#include "train/run_position.h"

/* What a checkpoint is made from, and what loading fills. */
struct ic_checkpoint {
    const char *job;    /* compared by loading */
    const char *data;   /* compared by loading; begins with the number of pictures */
    struct ic_net *net; /* parameters, states, their average if any, slots */
    enum ic_optimizer_kind kind; /* what the slots are */
    struct ic_run_position *position;
};

/* Writes the checkpoint atomically, whichever set of the net is selected, and leaves
 * the weights selected. On failure the old file is unchanged. Numbers that are not
 * finite are refused (IC_ERR_NUMERIC). */
ic_status ic_checkpoint_save(const struct ic_checkpoint *checkpoint, const char *path,
                             struct ic_error *error);

/* Fills net and position (the position only on success). Refused: a file that is
 * truncated, damaged or no checkpoint, another job (with the option's old and new
 * value), a data set that changed, another network. */
ic_status ic_checkpoint_load(const struct ic_checkpoint *checkpoint, const char *path,
                             struct ic_error *error);

#endif
