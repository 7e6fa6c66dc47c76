/* SPDX-License-Identifier: MIT */
/*
 * The outbox: a file in the run folder (mlflow.outbox) that holds all that a tracking
 * server is to know of the run, in the order in which it happened. The thread that
 * trains appends to it and waits for nobody; another thread reads it and sends.
 *
 * A record is a line: the CRC-32 of its text in eight hexadecimal digits, a space, and
 * the text, a JSON object. A process that is killed leaves a part of a line at most,
 * which the next one cuts off; a line that is damaged otherwise is passed over. Nothing
 * is ever taken out: how far it has been sent stands beside it (sent.h), so the whole
 * can be sent again, to another server.
 *
 * Records (time: milliseconds since 1970; reals are numbers, or the words "NaN",
 * "Infinity" and "-Infinity", which JSON has no numbers for):
 *
 *   {"kind": "begin", "time", "name", "experiment" or "experiment_id", "run_id",
 *    "params": {}, "tags": {}, "dataset": {}}       first; run_id: the run to join
 *   {"kind": "resume", "time"}                      the run goes on
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
    IC_OUTBOX_RESERVE = 4 << 20        /* more for all others */
};

/* All zero is closed. */
struct ic_outbox {
    int file; /* the descriptor, with a lock on it; -1 or closed: none */
    char *path;
    atomic_llong size; /* bytes of whole records */
    int64_t most;      /* IC_OUTBOX_MOST; tests take less */
};

/* Opens folder/mlflow.outbox, locks it, and cuts off what a killed process left
 * incomplete; it is made unless `existing`. Refused: another process has it
 * (IC_ERR_USAGE), it is no regular file. */
ic_status ic_outbox_open(struct ic_outbox *outbox, const char *folder, bool existing,
                         struct ic_error *error);
void ic_outbox_close(struct ic_outbox *outbox); /* all zero is fine */

/* Appends a record (borrowed) whole or not at all. IC_ERR_LIMIT: it would exceed
 * `most`, or, unless it is of a step, that and the reserve. */
ic_status ic_outbox_append(struct ic_outbox *outbox, const json_t *record,
                           struct ic_error *error);

/* The first sound record from *position on, which then stands behind it; NULL at the
 * end. The caller drops it by json_decref. May run beside an append. */
ic_status ic_outbox_read(const struct ic_outbox *outbox, int64_t *position,
                         json_t **ret_record, struct ic_error *error);

/* Waits until all is on the disk. */
ic_status ic_outbox_sync(const struct ic_outbox *outbox, struct ic_error *error);

/* A real as records hold it; NULL when out of memory. And back: false where it is no
 * number and none of the three words. */
json_t *ic_outbox_real(double value);
bool ic_outbox_is_real(const json_t *value);

#endif
