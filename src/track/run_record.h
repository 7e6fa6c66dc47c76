/* SPDX-License-Identifier: MIT */
/*
 * Records a run: turns the run's reports into records for the outbox (outbox.h). The
 * training thread calls it; nothing here waits for a server.
 *
 * A run that is killed and resumed repeats the steps after its last checkpoint, with
 * the same figures. These steps have been recorded with their time, and perhaps sent,
 * so a step or an epoch that the outbox holds is not recorded again. Rows that the
 * tables of the run folder have and the outbox lacks (the run was not tracked then, or
 * was killed between the two) are recorded when the run is resumed.
 */
#ifndef IC_TRACK_RUN_RECORD_H
#define IC_TRACK_RUN_RECORD_H

#include "track/figures.h"
#include "track/outbox.h"
#include "train/run.h"

/* The run's names at the server. Texts may be NULL except `name`. */
struct ic_run_words {
    const char *name;
    const char *experiment, *experiment_id; /* one of them, or none */
    const char *run_id;                     /* of the run to join */
    const char *registered;                 /* NAME or NAME@ALIAS of the model */
    const char *user;
};

/* All zero before it is opened. */
struct ic_run_record {
    struct ic_outbox *outbox;
    bool begun;            /* the outbox holds the run's description */
    bool finished;         /* and the record of a successful end */
    int64_t step, epoch;   /* the last ones in the outbox; -1: none */
    int64_t lost;          /* records that could not be kept */
    struct ic_error error; /* why records could not be kept */
    struct ic_figures figures;
    double next_figures; /* when they are due, by ic_machine_seconds */
};

/* Reads the contents of the outbox, which is open. */
ic_status ic_run_record_open(struct ic_run_record *record, struct ic_outbox *outbox,
                             struct ic_error *error);

/* A failure from here on is kept in the record, and the run continues. */

/* Records that the run begins, with its description, or is resumed, with the rows that
 * its tables have and the outbox lacks. */
void ic_run_record_start(struct ic_run_record *record, const struct ic_run_words *words,
                         const struct ic_start_report *report);
void ic_run_record_step(struct ic_run_record *record,
                        const struct ic_step_report *report);
void ic_run_record_epoch(struct ic_run_record *record,
                         const struct ic_epoch_report *report);

/* Records the end: "FINISHED", "FAILED" or "KILLED". */
void ic_run_record_end(struct ic_run_record *record, const struct ic_run_words *words,
                       const char *status);

/* Milliseconds since 1970. */
int64_t ic_run_record_now(void);

#endif
