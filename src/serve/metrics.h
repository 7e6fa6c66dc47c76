/* SPDX-License-Identifier: MIT */
/*
 * The server's counters, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
 */
#ifndef IC_SERVE_METRICS_H
#define IC_SERVE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ic_metrics;

/* Figures that are not counted, but looked up on request. */
struct ic_gauges {
    bool ready;         /* a model is in service */
    size_t waiting;     /* pictures in the queue */
    size_t connections; /* open connections */
    size_t body_bytes;  /* of bodies in memory */
};

ic_status ic_metrics_open(struct ic_metrics **ret_metrics, struct ic_error *error);
void ic_metrics_close(struct ic_metrics *metrics); /* NULL is fine */

/* Counts a request that has its answer. `route` is a constant text; `seconds` runs from
 * its first line to the end of the answer; `pictures` were scored for it. */
void ic_metrics_request(struct ic_metrics *metrics, const char *route, int code,
                        double seconds, size_t pictures);

/* Counts a batch that was decoded and computed. */
void ic_metrics_batch(struct ic_metrics *metrics, int pictures, double seconds);

/* Counts a model that was loaded, or could not be. */
void ic_metrics_load(struct ic_metrics *metrics, bool loaded);

/* Makes the text, which the caller frees; NULL when out of memory. */
char *ic_metrics_text(struct ic_metrics *metrics, const struct ic_gauges *gauges,
                      size_t *ret_size);

#endif
