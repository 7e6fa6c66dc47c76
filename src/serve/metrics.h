/* SPDX-License-Identifier: MIT */
/*
 * What the server counts, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
 */
#ifndef IC_SERVE_METRICS_H
#define IC_SERVE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ic_metrics;

/* What is not counted but looked up when somebody asks. */
struct ic_gauges {
    bool ready;         /* a model is in service */
    size_t waiting;     /* pictures in the queue */
    size_t connections; /* that are open */
    size_t body_bytes;  /* of bodies in memory */
};

ic_status ic_metrics_open(struct ic_metrics **ret_metrics, struct ic_error *error);
void ic_metrics_close(struct ic_metrics *metrics); /* NULL is fine */

/* A request has its answer. `route` is a constant text; `seconds` from its first line
 * to the end of the answer; `pictures` that were scored for it. */
void ic_metrics_request(struct ic_metrics *metrics, const char *route, int code,
                        double seconds, size_t pictures);

/* A batch was decoded and computed. */
void ic_metrics_batch(struct ic_metrics *metrics, int pictures, double seconds);

/* A model was loaded, or could not be. */
void ic_metrics_load(struct ic_metrics *metrics, bool loaded);

/* The text, which the caller frees; NULL where there is no memory. */
char *ic_metrics_text(struct ic_metrics *metrics, const struct ic_gauges *gauges,
                      size_t *ret_size);

#endif
