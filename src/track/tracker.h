/* SPDX-License-Identifier: MIT */
/*
 * Tracks a run by an MLflow server: listens to the run, records its events in the run
 * folder, and sends them from there during the training. Whatever the server does, the
 * run is the same.
 */
#ifndef IC_TRACK_TRACKER_H
#define IC_TRACK_TRACKER_H

#include "train/run.h"

struct ic_tracker_options {
    const char *server; /* "auto": that of MLFLOW_TRACKING_URI, or none; "off"; or an
                           address */
    const char *experiment; /* NULL: MLFLOW_EXPERIMENT_NAME, _ID, or "im2cat" */
    const char *registered; /* the name, or NAME@ALIAS, by which the model is
                               registered; NULL: not at all */
};

struct ic_tracker;

/* Prepares the tracker: reads address, credentials and the variables of MLflow's
 * clients, loads the HTTP module, and sends nothing. NULL where the run is not to be
 * tracked. `shown` (may be NULL) gets the run's events as well, and the tracker's own
 * notes.
 *
 * Fails where `options` named the server: IC_ERR_USAGE for an invalid address or name,
 * IC_ERR_IO without the module. Where only the environment names the server, the
 * failure becomes a note, and the run is not tracked. */
ic_status ic_tracker_open(struct ic_tracker **ret_tracker,
                          const struct ic_tracker_options *options,
                          const struct ic_train_events *shown, struct ic_error *error);

/* Events for ic_train_run. A NULL tracker passes on `shown` alone. */
struct ic_train_events ic_tracker_events(struct ic_tracker *tracker,
                                         const struct ic_train_events *shown);

/* Records how the run has ended ("FINISHED", "FAILED", "KILLED"; nothing where it had
 * not begun). Sends the rest as long as the server takes it, waits ten seconds where it
 * does not, and notes what the server does not have. NULL is fine. */
void ic_tracker_close(struct ic_tracker *tracker, const char *status);

/* Sends what the server does not yet have of the run in `folder`. `server` is as in the
 * options, but "auto" without the variable means the server that the run was tracked
 * by. This server gets no credentials, since whoever made the folder named it. Notes go
 * to `shown`. Fails, IC_ERR_IO or IC_ERR_USAGE, unless the server has everything. */
ic_status ic_tracker_sync(const char *folder, const char *server,
                          const struct ic_train_events *shown, struct ic_error *error);

#endif
