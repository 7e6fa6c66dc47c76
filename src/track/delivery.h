/* SPDX-License-Identifier: MIT */
/*
 * Brings an outbox to a server: one record after the other becomes calls, and what the
 * server has taken is noted, so that a process that is killed between two of them sends
 * at most the last one again. Each call can be sent again without harm: the server has
 * the same metric (key, step, time, value) once, and a run is searched before it is
 * made twice.
 *
 * What a server refuses but a run can do without (parameters that another process has
 * set, artifacts that it does not keep) is noted and passed over. Metrics are never
 * passed over: then nothing more is sent.
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
    char notes[2][512]; /* what was passed over; empty: nothing */
};

/* Reads the record "begin". Refused (IC_ERR_FORMAT): an outbox that has none. */
ic_status ic_delivery_open(struct ic_delivery *delivery, struct ic_error *error);
void ic_delivery_close(struct ic_delivery *delivery);

/* Whether the server has all that the outbox holds. */
bool ic_delivery_complete(const struct ic_delivery *delivery);

/* Sends the next call's worth. DONE: it has moved on, or is complete. REFUSED does not
 * happen. The caller frees the reply. */
enum ic_verdict ic_delivery_step(struct ic_delivery *delivery, struct ic_reply *reply);

#endif
