/* SPDX-License-Identifier: MIT */
/*
 * Makes bodies of runs/log-batch, within the limits (limits.h).
 */
#ifndef IC_TRACK_BATCH_H
#define IC_TRACK_BATCH_H

#include "track/outbox.h"

/* Takes records of steps and epochs from the outbox, from *position on, as many as fit
 * into one call. *ret_metrics is an array of MLflow's metrics, and *position moves past
 * the last record taken. *ret_other is the next record if it is of another kind and no
 * metrics come before it; *position then moves past this record. When nothing is left
 * to send, both are NULL and *position is the end. The caller drops both. */
ic_status ic_batch_take(const struct ic_outbox *outbox, int64_t *position,
                        json_t **ret_metrics, json_t **ret_other,
                        struct ic_error *error);

/* Turns an object of texts (a record's "params" or "tags") into an array of MLflow's
 * {key, value}, with values of at most `most` bytes. Values that are not texts are left
 * out; a NULL object gives an empty array. NULL when out of memory. */
json_t *ic_batch_texts(const json_t *object, size_t most);

/* The entries first .. first + IC_LIMIT_TEXTS of such an array, as a new array: fewer
 * where the body would grow too large, but at least one where there are any. NULL when
 * out of memory. */
json_t *ic_batch_part(const json_t *entries, size_t first);

#endif
