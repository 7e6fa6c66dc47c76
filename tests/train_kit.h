/* SPDX-License-Identifier: MIT */
/*
 * Small training jobs for tests: pictures drawn into a temporary folder, and runs in
 * processes of their own.
 *
 * A run is a child process because it may be killed, and because OpenMP's threads do
 * not survive a fork: the test itself must never compute.
 */
#ifndef IC_TESTS_TRAIN_KIT_H
#define IC_TESTS_TRAIN_KIT_H

#include <stdbool.h>

#include <sys/wait.h>

#include "check.h"
#include "folder.h"
#include "train/run.h"

/* Where a run interrupts itself. */
enum kit_moment {
    KIT_NEVER,
    KIT_BEGINNING,
    KIT_FIRST_BATCH, /* the listener fails there */
    KIT_STEP,
    KIT_VALIDATION,
    KIT_EPOCH
};
enum kit_action { KIT_STOP, KIT_KILL };

struct kit_interrupt {
    enum kit_moment moment;
    enum kit_action action; /* raise the stop flag, or SIGKILL */
    int at;                 /* the step, or the epoch of the validation or end */
    int after_ms;           /* with KIT_NEVER: SIGKILL after so many ms; 0: not */
};

/* The outcome of a run; shared with its process. */
struct kit_result {
    bool killed;
    ic_status status;
    enum ic_run_end end;
    struct ic_error error;
    uint64_t peak_rss; /* of its process, at the end of the run */

    /* What the run reported. */
    int starts, steps, validation_steps, epochs, notes;
    int first_batches, first_batch_images, first_batch_size, steps_before_batch;
    struct ic_start_report start;
    struct ic_step_report last_step;
    struct ic_epoch_report last_epoch;
    double first_loss, last_smooth_loss;
    char all_notes[8192];
};

/* Writes `count` pictures: cats (bright discs) and dogs (dark stripes) in turn, with
 * noise, as an Oxford folder. */
void kit_draw(const char *folder, int count);

/* The network tiny (tests/tiny.c) at 32 pixels, SGD, batch 4, 2 epochs, half of 32
 * pictures for validation, so 4 steps per epoch. */
struct ic_job kit_job(const char *data, const char *out);

/* Runs the job in a process of its own. */
struct kit_result *kit_run(const struct ic_job *job,
                           const struct kit_interrupt *interrupt);

/* Whether the two files hold the same bytes. */
bool kit_same_file(const char *folder_a, const char *folder_b, const char *name);

/* The whole file as a string; the caller frees it. */
char *kit_content(const char *folder, const char *name);

/* Gives a checkpoint in memory, whose header was changed, its new checksum: the first
 * of the last tensor's values (docs/formats.md). `unchanged` is the path of the
 * checkpoint as it was. */
void kit_sign_header(const char *unchanged, uint8_t *bytes, size_t size);

#endif
