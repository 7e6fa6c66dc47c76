/* SPDX-License-Identifier: MIT */
/*
 * Bodies of runs/log-batch, within the limits (limits.h).
 */
#ifndef IC_TRACK_BATCH_H
#define IC_TRACK_BATCH_H

#include "track/outbox.h"

/* Takes records of steps and epochs from the outbox, from *position on, as many as fit
 * into a call. *ret_metrics is an array of MLflow's metrics; *position stands behind
 * the last one taken. *ret_other is the next record when it is of another kind, and no
 * metrics stand before it: then *position stands behind that one. Both NULL where
 * nothing to send is left: then *position is the end. The caller drops both. */
ic_status ic_batch_take(const struct ic_outbox *outbox, int64_t *position,
                        json_t **ret_metrics, json_t **ret_other,
                        struct ic_error *error);

/* An object of texts (record's "params" or "tags") as an array of MLflow's {key,
 * value}, with values of at most `most` bytes. What is no text is left out; NULL stands
 * for no texts and gives an empty array. NULL when out of memory. */
json_t *ic_batch_texts(const json_t *object, size_t most);

/* The entries first .. first + IC_LIMIT_TEXTS of such an array, as an array of its own;
 * fewer where the body would grow too large, one at least where there are any. NULL
 * when out of memory. */
json_t *ic_batch_part(const json_t *entries, size_t first);

#endif
