/* SPDX-License-Identifier: MIT */
/*
 * The parts of every training loop: the job's pictures, the network that learns from
 * them, and the course of the training. Each part has functions of its own and knows
 * nothing of the others' internals. The loops are in run.c and find_lr.c.
 */
#ifndef IC_TRAIN_TRAINER_H
#define IC_TRAIN_TRAINER_H

#include "train/course.h"
#include "train/learner.h"
#include "train/training_data.h"

/* Must not move while open. */
struct ic_trainer {
    struct ic_training_data data;
    struct ic_learner learner;
    struct ic_course course;
};

/* Opens the data set and the network, with start weights if `start_weights`, then reads
 * all pictures once and splits them, and makes the course at its beginning. The job is
 * complete (ic_job_check) and outlives the trainer. Ends early, without a course, when
 * the listener stops it. On failure nothing is left open. */
ic_status ic_trainer_open(struct ic_trainer *trainer, const struct ic_job *job,
                          bool start_weights, struct ic_listener *listener,
                          struct ic_error *error);
void ic_trainer_close(struct ic_trainer *trainer); /* all zero is fine */

#endif
