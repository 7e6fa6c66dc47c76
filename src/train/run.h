/* SPDX-License-Identifier: MIT */
/*
 * Training: from a job to a run folder.
 *
 * The loop is in run.c; its parts are in trainer.h (pictures, network, course) and
 * run_store.h (folder and checkpoint). Nothing here prints: a caller that shows
 * something gets events and turns them into text with report/. The contents of the run
 * folder (weights, checkpoint, job.conf, split.txt, metrics.csv, steps.csv) are written
 * here, since an exact resume depends on them. Files for people only are made in
 * report/.
 */
#ifndef IC_TRAIN_RUN_H
#define IC_TRAIN_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "comm/comm.h"
#include "data/loader.h"
#include "train/job.h"

/* The work ahead; reported once, before the first step. */
struct ic_start_report {
    const struct ic_job *job;  /* complete */
    const char *fingerprint;   /* of the pictures, their labels and their split */
    const char *arch, *device; /* the device's own line */
    const char *const *classes;
    int class_count;
    size_t train_images, valid_images;
    const size_t *train_of_class, *valid_of_class; /* class_count: the same by class */
    int64_t step, steps;   /* where it starts (not 0 after a resume), and the end */
    int epochs;            /* of all phases */
    uint64_t memory_bytes; /* device memory per rank at the peak */
    int ranks;             /* that train together; 1: this process alone */
    const char *transport; /* what joins them: "Open MPI 4.1.4" */
};

/* The first batch that the run trains on, as the network is about to see it. */
struct ic_first_batch_report {
    const char *folder; /* the run's */
    const struct ic_batch *batch;
    int size; /* side of its pictures */
    const char *const *classes;
};

/* After each batch, of training and of validation. */
struct ic_step_report {
    const char *phase;
    bool validating;       /* then loss, lr and momentum mean nothing */
    int epoch, epochs;     /* of all phases, from 0 */
    size_t batch, batches; /* done in this epoch, or of its validation; and all */
    int64_t step, steps;   /* done in the job, and all of them */
    double loss, smooth_loss, lr, momentum; /* lr: the highest group's */

    /* For rates and remaining time. */
    size_t epoch_images;  /* done in this epoch, or validation, by this process ... */
    double epoch_seconds; /* ... and the time they took */
    size_t train_left;    /* pictures still to train on in the whole job */
    size_t valid_left;    /* and to validate on */
};

/* After each validation. */
struct ic_epoch_report {
    const char *phase;
    int epoch, epochs; /* of all phases, from 0 */
    int64_t step;
    double train_loss; /* smoothed */
    double valid_loss, error_rate;
    double seconds;           /* training and validation, over all resumes */
    double images_per_second; /* of training */
    bool best;                /* no epoch before had a smaller error rate */
};

/* Any function may be NULL. Pointers are valid during the call. */
struct ic_train_events {
    void *context;
    void (*on_start)(void *context, const struct ic_start_report *report);
    void (*on_step)(void *context, const struct ic_step_report *report);
    void (*on_epoch)(void *context, const struct ic_epoch_report *report);
    void (*on_note)(void *context, const char *sentence); /* "x.jpg is left out: ..." */

    /* Before the first step of all, not after a resume from a later one. A failure ends
     * the run. */
    ic_status (*on_first_batch)(void *context,
                                const struct ic_first_batch_report *report,
                                struct ic_error *error);
};

enum ic_run_end {
    IC_RUN_DONE,     /* all epochs, max_steps, or out of patience */
    IC_RUN_STOPPED,  /* by the flag, after saving a checkpoint: resume continues */
    IC_RUN_NOT_BEGUN /* by the flag, while pictures were checked: nothing is written */
};

/* Trains. Ranks that train together (comm.h; NULL: this one is alone) all call this
 * with the same job and come to the same end. Rank 0 writes the run folder, whose files
 * do not depend on the number of ranks, and should be the rank with events. The job is
 * first completed and checked in place (ic_job_check), and must not change meanwhile. A
 * signal handler may set `stop` (which may be NULL): the current step is then finished
 * and the checkpoint saved. A finished run that is resumed says so in a note and is
 * IC_RUN_DONE. On failure the last checkpoint is unchanged.
 *
 * Failures besides those of the parts: IC_ERR_USAGE for options out of range, a run
 * folder that exists (without resume), a batch larger than the training set, a resume
 * of another job or of a data set that changed; IC_ERR_NUMERIC for a loss or a gradient
 * that is not finite, naming layer, step, learning rate and pictures. */
ic_status ic_train_run(struct ic_job *job, struct ic_comm *comm,
                       const struct ic_train_events *events, const atomic_int *stop,
                       enum ic_run_end *ret_end, struct ic_error *error);

#endif
