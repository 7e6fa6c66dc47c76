/* SPDX-License-Identifier: MIT */
/*
 * A job: every option of a training run, as plain values.
 *
 * Words stay words ("species", "crop"), as the user wrote them and as job.conf keeps
 * them. ic_job_check refuses unknown words, and base/word.h gives a word's index in its
 * list, which is the value of its enumeration. Strings belong to the caller and outlive
 * the job.
 */
#ifndef IC_TRAIN_JOB_H
#define IC_TRAIN_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/compute.h"
#include "base/error.h"
#include "data/augment.h"

struct ic_job {
    const char *data;   /* folder of the data set */
    const char *labels; /* "species", "breed", "folder", or the path of a CSV file */
    const char *arch;   /* a word of ic_words_arch */
    const char *head;   /* "fastai", "plain"; NULL: the first with pretrained */
    const char *pretrained; /* a weights file to start from, or "none" */
    const char *recipe;  /* "fine-tune", "one-cycle"; NULL: the first with pretrained */
    int epochs;          /* of the recipe's last phase */
    int freeze_epochs;   /* of fine-tune's first phase */
    const char *freeze;  /* what is frozen in it: "weights", "bn" */
    int patience;        /* epochs without improvement that end a phase; 0: off */
    double lr;           /* the schedule's peak */
    int batch;           /* pictures per step */
    int micro_batch;     /* most pictures that are computed at once; 0: all */
    int size;            /* side of the square, in pixels */
    const char *resize;  /* "crop", "pad", "squish" */
    const char *augment; /* "none", "flip", "fastai" */
    struct ic_augment_parts parts; /* of augment */
    int presize;        /* side of the square before `size`; 0: see ic_job_check */
    const char *decode; /* "exact", "fast" */
    const char *exif_orientation; /* "ignore", "apply" */
    const char *sampling;         /* "shuffle", "balanced" */
    const char *class_weights;    /* "none", "balanced" */
    double valid_pct;  /* part of the pictures that validates, for split "random" */
    const char *split; /* "random", "official" or a file of names */
    uint64_t seed;
    const char *bad_images; /* "fail", "skip" */
    const char *optimizer;  /* "adam", "sgd" */
    double weight_decay, label_smoothing;
    double ema;       /* decay of the weights' average; 0: no average */
    double clip_norm; /* largest norm of the gradients; 0: no limit */
    double mixup;     /* alpha of the shares' Beta distribution; 0: none */
    double cutmix;    /* the same of CutMix */
    struct ic_compute compute;
    bool allow_mixed;         /* ranks may compute with different instructions */
    int workers;              /* that read pictures; 0: as many as threads */
    const char *out;          /* the run folder */
    bool resume;              /* continue from the run folder's checkpoint */
    int64_t max_steps;        /* end after this many steps; 0: no limit */
    int64_t checkpoint_every; /* steps between checkpoints; 0: only after epochs */
};

/* How many pictures of a step are computed at once. */
int ic_job_micro_batch(const struct ic_job *job);

/* The defaults of the options (job_options.h); `data`, `out`, `head` and `recipe` are
 * NULL. */
void ic_job_defaults(struct ic_job *job);

/* Refuses, naming the option: a missing data or out, a number out of its range, an
 * unknown word, a presize below the size. Then sets head and recipe where they are
 * NULL, threads and workers where they are 0, and presize where augment is "fastai". */
ic_status ic_job_check(struct ic_job *job, struct ic_error *error);

/* A checked job as a job file: one "key = value" per line, with the long options' names
 * as keys. With `defining_only`, just the options that the resulting weights depend on
 * and that a resume must not change: not data, split and out (the content of the first
 * two is compared), not pretrained (its weights are in the checkpoint), not threads and
 * workers, not how often checkpoints are written. The caller frees it; NULL when out of
 * memory. */
char *ic_job_to_text(const struct ic_job *job, bool defining_only);

/* Compares two texts of ic_job_to_text. The first option that differs is refused with
 * its old and new value. `path` names the file of the old text. */
ic_status ic_job_compare(const char *old_text, const char *new_text, const char *path,
                         struct ic_error *error);

#endif
