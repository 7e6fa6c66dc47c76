/* SPDX-License-Identifier: MIT */
/*
 * The outbox: a file in the run folder (mlflow.outbox) with everything that a tracking
 * server is to know of the run, in the order in which it happened. The training thread
 * appends to it and waits for nobody; another thread reads it and sends.
 *
 * A record is one line: the CRC-32 of its text in eight hexadecimal digits, a space,
 * and the text, a JSON object. A killed process leaves at most a part of a line, which
 * the next process cuts off. A line that is damaged in another way is skipped. Nothing
 * is ever removed: the progress of sending is kept in another file (sent.h), so that
 * everything can be sent again, to another server.
 *
 * Records (time: milliseconds since 1970; reals are numbers, or the words "NaN",
 * "Infinity" and "-Infinity", for which JSON has no numbers):
 *
 *   {"kind": "begin", "time", "name", "experiment" or "experiment_id", "run_id",
 *    "params": {}, "tags": {}, "dataset": {}}       first; run_id: the run to join
 *   {"kind": "resume", "time"}                      the run is resumed
 *   {"kind": "step", "step", "time", "metrics": {}}
 *   {"kind": "epoch", "epoch", "step", "time", "metrics": {}}
 *   {"kind": "end", "step", "time", "status", "register"}   register: NAME[@ALIAS]
 */
#ifndef IC_TRACK_OUTBOX_H
#define IC_TRACK_OUTBOX_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
    IC_OUTBOX_RECORD_MOST = 256 << 10, /* bytes of a line */
    IC_OUTBOX_MOST = 256 << 20,        /* of the file, for records of steps */
    IC_OUTBOX_RESERVE = 4 << 20        /* extra, for all other records */
};

/* All zero is closed. */
struct ic_outbox {
    int file; /* the descriptor, with a lock on it; -1 or closed: none */
    char *path;
    atomic_llong size; /* bytes of whole records */
    int64_t most;      /* IC_OUTBOX_MOST; tests take less */
};

/* Opens folder/mlflow.outbox, locks it, and cuts off what a killed process left
 * incomplete. The file is made unless `existing`. Refused: a file that another process
 * holds (IC_ERR_USAGE) or that is not a regular file. */
ic_status ic_outbox_open(struct ic_outbox *outbox, const char *folder, bool existing,
                         struct ic_error *error);
void ic_outbox_close(struct ic_outbox *outbox); /* all zero is fine */

/* Appends a record (borrowed) whole or not at all. IC_ERR_LIMIT: the file would exceed
 * `most`, or, for a record that is not of a step, `most` and the reserve. */
ic_status ic_outbox_append(struct ic_outbox *outbox, const json_t *record,
                           struct ic_error *error);

/* Reads the first sound record from *position on, and moves *position past it; NULL at
 * the end. The caller drops the record by json_decref. May run beside an append. */
ic_status ic_outbox_read(const struct ic_outbox *outbox, int64_t *position,
                         json_t **ret_record, struct ic_error *error);

/* Waits until all records are on the disk. */
ic_status ic_outbox_sync(const struct ic_outbox *outbox, struct ic_error *error);

/* A real as records hold it; NULL when out of memory. */
json_t *ic_outbox_real(double value);

/* Whether the value is a number or one of the three words. */
bool ic_outbox_is_real(const json_t *value);

#endif
