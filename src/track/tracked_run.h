/* SPDX-License-Identifier: MIT */
/*
 * A run of an MLflow server: found, joined or made, and what it is told besides
 * metrics.
 *
 * Making a run must not be sent twice, since the server would make two. So each carries
 * a tag of ours, im2cat.run, and before a second try the server is searched for it.
 */
#ifndef IC_TRACK_TRACKED_RUN_H
#define IC_TRACK_TRACKED_RUN_H

#include "track/api.h"
#include "track/sent.h"

/* Sees to it that sent->run_id and sent->artifacts are known, by the record "begin"
 * (outbox.h). The state is saved before a run is made and after. */
enum ic_verdict ic_tracked_run_enter(struct ic_api *api, struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply);

/* Sends the metrics (an array, borrowed) of one call. */
enum ic_verdict ic_tracked_run_metrics(struct ic_api *api, const struct ic_sent *sent,
                                       json_t *metrics, struct ic_reply *reply);

/* Sends parameters and tags, then the data set, of the record "begin". */
enum ic_verdict ic_tracked_run_texts(struct ic_api *api, const struct ic_sent *sent,
                                     const json_t *begin, struct ic_reply *reply);
enum ic_verdict ic_tracked_run_dataset(struct ic_api *api, const struct ic_sent *sent,
                                       const json_t *begin, struct ic_reply *reply);

/* Sets the status ("RUNNING", "FINISHED", "FAILED", "KILLED"); all but the first end
 * the run at `time` (milliseconds). Azure's runs are ended by the job that they belong
 * to: nothing is sent there. */
enum ic_verdict ic_tracked_run_status(struct ic_api *api, const struct ic_sent *sent,
                                      const char *status, json_int_t time,
                                      struct ic_reply *reply);

/* --- for other calls ---------------------------------------------------------------
 */

/* Posts a body (taken over; NULL: out of memory). */
enum ic_verdict ic_tracked_run_post(struct ic_api *api, const char *path, json_t *body,
                                    struct ic_reply *reply);

/* Searches the run's experiment for one thing that the filter lets through. */
enum ic_verdict ic_tracked_run_search(struct ic_api *api, const struct ic_sent *sent,
                                      const char *path, const char *filter,
                                      struct ic_reply *reply);

/* Makes a failure of a success whose answer lacks `what`. */
enum ic_verdict ic_tracked_run_miss(const struct ic_api *api, const char *what,
                                    struct ic_reply *reply);

/* Fills a reply with a failure on this side, such as memory that is out. */
enum ic_verdict ic_tracked_run_fail(struct ic_reply *reply,
                                    const struct ic_error *error);

#endif
