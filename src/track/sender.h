/* SPDX-License-Identifier: MIT */
/*
 * The thread that sends an outbox while the run trains. After each failure it waits
 * longer (with jitter, and as long as the server asks). It ends when told to, or when
 * the server refuses everything.
 */
#ifndef IC_TRACK_SENDER_H
#define IC_TRACK_SENDER_H

#include <pthread.h>

#include "track/delivery.h"

struct ic_sender {
    struct ic_delivery *delivery; /* used by the thread alone from start to finish */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all fields below */
    pthread_cond_t change;
    bool ending;       /* the outbox grows no more: what is left is sent at once */
    bool ended;        /* the thread has ended its work */
    char failure[512]; /* why the last attempt failed; empty: it did not */
    bool told;         /* a failure was reported while the run trained */
};

/* Starts the thread. The delivery is open and must stay open. */
ic_status ic_sender_start(struct ic_sender *sender, struct ic_delivery *delivery,
                          struct ic_error *error);

/* Copies the first failure, once, for a note while the run continues; false: there is
 * none. */
bool ic_sender_failure(struct ic_sender *sender, char *sentence, size_t size);

/* Lets the thread send the rest, until it is done, or has sent nothing for `patience`
 * seconds, or 30 times as long has passed in all. Then ends the thread. */
void ic_sender_finish(struct ic_sender *sender, double patience);

#endif
