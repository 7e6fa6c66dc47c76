/* SPDX-License-Identifier: MIT */
/*
 * The service behind the server: a model, the queue of pictures, and the workers that
 * score them. Nothing here knows HTTP.
 */
#ifndef IC_SERVE_SERVICE_H
#define IC_SERVE_SERVICE_H

#include "serve/metrics.h"
#include "serve/queue.h"

struct ic_service_options {
    struct ic_compute compute; /* of all workers; the words outlive the service */
    enum ic_decode decode;
    int workers;
    struct ic_queue_options queue;
};

struct ic_service;

/* Starts the workers, which have no model yet. The metrics outlive the service. */
ic_status ic_service_open(const struct ic_service_options *options,
                          struct ic_metrics *metrics, struct ic_service **ret_service,
                          struct ic_error *error);

/* Loads a model, and uses it for requests that come from then on. Earlier requests are
 * scored with the previous model, which also stays in service on failure. One thread at
 * a time. */
ic_status ic_service_load(struct ic_service *service,
                          const struct ic_model_source *source, struct ic_error *error);

/* The model in service, for the caller to use until ic_served_leave; NULL: none yet. */
struct ic_served *ic_service_model(struct ic_service *service);

/* Gives pictures to the workers (ic_queue_put). The caller has set the scoring's model,
 * and memory for its logits and errors. */
bool ic_service_score(struct ic_service *service, struct ic_scoring *scoring);

size_t ic_service_waiting(struct ic_service *service); /* pictures in the queue */

/* Scores the waiting pictures, then ends the workers. NULL is fine. */
void ic_service_close(struct ic_service *service);

#endif
