/* SPDX-License-Identifier: MIT */
/*
 * A run of an MLflow server: finds, joins or makes it, and sends it everything but
 * metrics.
 *
 * The request to make a run must not be sent twice, since the server would make two
 * runs. So each run carries a tag of ours, im2cat.run, and before a second attempt the
 * server is searched for the tag.
 */
#ifndef IC_TRACK_TRACKED_RUN_H
#define IC_TRACK_TRACKED_RUN_H

#include "track/api.h"
#include "track/sent.h"

/* Makes sent->run_id and sent->artifacts known, using the record "begin" (outbox.h).
 * The state is saved before and after a run is made. */
enum ic_verdict ic_tracked_run_enter(struct ic_api *api, struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply);

/* Sends the metrics (an array, borrowed) of one call. */
enum ic_verdict ic_tracked_run_metrics(struct ic_api *api, const struct ic_sent *sent,
                                       json_t *metrics, struct ic_reply *reply);

/* Sends parameters and tags of the record "begin", then its data set. */
enum ic_verdict ic_tracked_run_texts(struct ic_api *api, const struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply);
enum ic_verdict ic_tracked_run_dataset(struct ic_api *api, const struct ic_sent *sent,
                                       const json_t *begin, struct ic_reply *reply);

/* Sets the status ("RUNNING", "FINISHED", "FAILED", "KILLED"). All but the first end
 * the run at `time` (milliseconds). On Azure nothing is sent, since a run is ended by
 * the job that it belongs to. */
enum ic_verdict ic_tracked_run_status(struct ic_api *api, const struct ic_sent *sent,
                                      const char *status, json_int_t time,
                                      struct ic_reply *reply);

/* --- for other calls ---------------------------------------------------------------
 */

/* Posts a body (taken over; NULL: out of memory). */
enum ic_verdict ic_tracked_run_post(struct ic_api *api, const char *path, json_t *body,
                                    struct ic_reply *reply);

/* The same, by ic_api_create. */
enum ic_verdict ic_tracked_run_create(struct ic_api *api, const char *path,
                                      json_t *body, struct ic_reply *reply);

/* Searches the run's experiment for one thing that matches the filter. */
enum ic_verdict ic_tracked_run_search(struct ic_api *api, const struct ic_sent *sent,
                                      const char *path, const char *filter,
                                      struct ic_reply *reply);

/* Turns a success whose answer lacks `what` into a failure. */
enum ic_verdict ic_tracked_run_miss(const struct ic_api *api, const char *what,
                                    struct ic_reply *reply);

/* Fills a reply with a failure on this side, such as a lack of memory. */
enum ic_verdict ic_tracked_run_fail(struct ic_reply *reply,
                                    const struct ic_error *error);

#endif
