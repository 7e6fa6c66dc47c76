/* SPDX-License-Identifier: MIT */
/*
 * The listeners of a training: the events that they get, and the flag by which they
 * stop it. A training loop reports to them; without listeners nothing happens.
 */
#ifndef IC_TRAIN_LISTENER_H
#define IC_TRAIN_LISTENER_H

#include "comm/comm.h"
#include "train/run.h"

/* All zero: nobody listens, and nothing stops the training. */
struct ic_listener {
    struct ic_train_events events;
    const atomic_int *stop; /* nonzero: stop; NULL: never */
    bool stopped;           /* the flag was seen, by all ranks */
    struct ic_comm *comm;   /* the ranks that train together; NULL: one alone */
};

/* Whether this process has been asked to stop. Where several ranks train together, the
 * training continues until they have agreed. */
bool ic_listener_asked(const struct ic_listener *listener);

/* Whether the training is to stop; once true, it stays true. Ranks that train together
 * all get the same answer. */
bool ic_listener_must_stop(struct ic_listener *listener);

/* ic_comm_agree on a status, and on whether to stop. */
ic_status ic_listener_agree(struct ic_listener *listener, ic_status status,
                            struct ic_error *error);

/* Reports a formatted sentence. */
void ic_listener_note(const struct ic_listener *listener, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Pass a report on to the listener. */
void ic_listener_start(const struct ic_listener *listener,
                       const struct ic_start_report *report);
void ic_listener_step(const struct ic_listener *listener,
                      const struct ic_step_report *report);
void ic_listener_epoch(const struct ic_listener *listener,
                       const struct ic_epoch_report *report);

#endif
