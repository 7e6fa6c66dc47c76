/* SPDX-License-Identifier: MIT */
/*
 * A model in service: a classifier, and a scorer for each worker. A reload makes
 * another one, and the old one lives until the last request that began with it has its
 * answer.
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

/* Loads the model by all of compute->threads, for so many workers, each of which
 * computes with its part of them; `batch` is the most that one takes at a time. The
 * caller is its one user. On failure *ret_served is NULL. */
ic_status ic_served_open(const struct ic_model_source *source,
                         const struct ic_compute *compute, int batch, int workers,
                         struct ic_served **ret_served, struct ic_error *error);

/* Another user. */
struct ic_served *ic_served_use(struct ic_served *served);

/* One user less; the last one closes it. NULL is fine. */
void ic_served_leave(struct ic_served *served);

#endif
