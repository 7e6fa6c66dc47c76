/* SPDX-License-Identifier: MIT */
/*
 * A model in service: a classifier, and a scorer for each worker. A reload makes a new
 * one, and the old one lives until the last request that began with it has its answer.
 */
#ifndef IC_SERVE_SERVED_H
#define IC_SERVE_SERVED_H

#include <stdatomic.h>

#include "score/scorer.h"

struct ic_served {
    struct ic_classifier *classifier;
    struct ic_scorer **scorers; /* one for each worker */
    int scorer_count;
    atomic_int users;
};

/* Loads the model with all of compute->threads, for `workers` workers, each of which
 * computes with its part of the threads; `batch` is the most pictures that a worker
 * takes at a time. The caller is its only user. On failure *ret_served is NULL. */
ic_status ic_served_open(const struct ic_model_source *source,
                         const struct ic_compute *compute, int batch, int workers,
                         struct ic_served **ret_served, struct ic_error *error);

/* Adds a user. */
struct ic_served *ic_served_use(struct ic_served *served);

/* Removes a user; the last one closes the model. NULL is fine. */
void ic_served_leave(struct ic_served *served);

#endif
