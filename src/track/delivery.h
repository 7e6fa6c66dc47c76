/* SPDX-License-Identifier: MIT */
/*
 * Delivers an outbox to a server: record after record becomes calls. What the server
 * has taken is noted, so that a process that is killed between two records sends at
 * most the last one again. Every call can be repeated without harm: the server keeps
 * the same metric (key, step, time, value) once, and a run is searched for before it is
 * made again.
 *
 * What a server refuses but a run can do without (parameters that another process has
 * set, artifacts that it does not keep) is noted and skipped. Metrics are never
 * skipped: if they are refused, nothing more is sent.
 */
#ifndef IC_TRACK_DELIVERY_H
#define IC_TRACK_DELIVERY_H

#include "track/api.h"
#include "track/outbox.h"
#include "track/sent.h"

struct ic_delivery {
    struct ic_api *api;
    const struct ic_outbox *outbox;
    struct ic_sent *sent;
    const char *folder; /* the run's */
    json_t *begin;      /* the record, once it has been read */
    char notes[2][512]; /* what was skipped; empty: nothing */
};

/* Reads the record "begin". Refused (IC_ERR_FORMAT): an outbox without one. */
ic_status ic_delivery_open(struct ic_delivery *delivery, struct ic_error *error);
void ic_delivery_close(struct ic_delivery *delivery);

/* Whether the server has everything that the outbox holds. */
bool ic_delivery_complete(const struct ic_delivery *delivery);

/* Sends one call's worth of records. DONE: the delivery has moved on, or is complete.
 * REFUSED does not happen. The caller frees the reply. */
enum ic_verdict ic_delivery_step(struct ic_delivery *delivery, struct ic_reply *reply);

#endif
