/* SPDX-License-Identifier: MIT */
/*
 * Everything that sends a run folder's outbox, put together for tracker.c and sync.c.
 */
#ifndef IC_TRACK_TRACKING_H
#define IC_TRACK_TRACKING_H

#include "track/sender.h"
#include "train/run.h"

/* All zero is closed. */
struct ic_tracking {
    struct ic_api api;
    struct ic_outbox outbox;
    struct ic_sent sent;
    struct ic_delivery delivery;
    struct ic_sender sender;
};

/* Starts to send the outbox, which is open and has its first record, to the server of
 * `api`, which is open. */
ic_status ic_tracking_start(struct ic_tracking *tracking, const char *folder,
                            struct ic_error *error);

/* Sends the rest with `patience` seconds of patience (sender.h). Fails where something
 * is left; notes what was skipped. */
ic_status ic_tracking_finish(struct ic_tracking *tracking, double patience,
                             const struct ic_train_events *shown,
                             struct ic_error *error);

void ic_tracking_close(struct ic_tracking *tracking);

/* Reports a sentence to `shown`, if somebody listens. */
void ic_tracking_note(const struct ic_train_events *shown, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
