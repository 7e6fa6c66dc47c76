/* SPDX-License-Identifier: MIT */
/*
 * Tracks a run by an MLflow server: listens to the run, records what it tells in the
 * run folder, and sends it from there beside the training. Whatever the server does,
 * the run is the same.
 */
#ifndef IC_TRACK_TRACKER_H
#define IC_TRACK_TRACKER_H

#include "train/run.h"

struct ic_tracker_options {
    const char *server; /* "auto": that of MLFLOW_TRACKING_URI, or none; "off"; or an
                           address */
    const char *experiment; /* NULL: MLFLOW_EXPERIMENT_NAME, _ID, or "im2cat" */
    const char *registered; /* the name, or NAME@ALIAS, by which the model is
                               registered; NULL: it is not */
};

struct ic_tracker;

/* Prepares: reads address, credentials and the variables of MLflow's clients, loads the
 * HTTP module, sends nothing. NULL where the run is not to be tracked. `shown` (may be
 * NULL) gets the run's events as well, and notes of the tracker's own.
 *
 * Fails where the server was named by `options`: IC_ERR_USAGE for an address or a name
 * that is none, IC_ERR_IO without the module. One that only the environment names is
 * told in a note then, and the run is not tracked. */
ic_status ic_tracker_open(struct ic_tracker **ret_tracker,
                          const struct ic_tracker_options *options,
                          const struct ic_train_events *shown, struct ic_error *error);

/* For ic_train_run. A NULL tracker passes on `shown` alone. */
struct ic_train_events ic_tracker_events(struct ic_tracker *tracker,
                                         const struct ic_train_events *shown);

/* Records how the run has ended ("FINISHED", "FAILED", "KILLED"; nothing where it had
 * not begun), sends what is left while the server takes it, ten seconds where it does
 * not, and notes what the server does not have. NULL is fine. */
void ic_tracker_close(struct ic_tracker *tracker, const char *status);

/* Sends what of the run in `folder` the server does not have yet. `server` as in the
 * options, but "auto" without the variable is the server that the run was tracked by,
 * to which no credentials are sent: whoever made the folder named it. Notes go to
 * `shown`. Fails, IC_ERR_IO or IC_ERR_USAGE, unless the server has all of it. */
ic_status ic_tracker_sync(const char *folder, const char *server,
                          const struct ic_train_events *shown, struct ic_error *error);

#endif
