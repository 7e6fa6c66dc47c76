/* SPDX-License-Identifier: MIT */
/*
 * The thread that sends an outbox while the run trains. It tries, waits longer after
 * each failure (with jitter, and as long as the server asks), and ends when it is told
 * to or when the server wants none of it.
 */
#ifndef IC_TRACK_SENDER_H
#define IC_TRACK_SENDER_H

#include <pthread.h>

#include "track/delivery.h"

struct ic_sender {
    struct ic_delivery *delivery; /* the thread's alone from start to finish */
    pthread_t thread;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t change;
    bool ending;       /* the outbox grows no more: what is left is sent at once */
    bool ended;        /* the thread does nothing more */
    char failure[512]; /* why the last try failed; empty: it did not */
    bool told;         /* a failure has been told while the run trained */
};

/* Starts the thread. The delivery is open and stays. */
ic_status ic_sender_start(struct ic_sender *sender, struct ic_delivery *delivery,
                          struct ic_error *error);

/* Copies the first failure, once, to be told while the run goes on; false: there is
 * none. */
bool ic_sender_failure(struct ic_sender *sender, char *sentence, size_t size);

/* Lets the thread send what is left, until it is done or has sent nothing for
 * `patience` seconds, or 30 times as long in any case; then ends it. */
void ic_sender_finish(struct ic_sender *sender, double patience);

#endif
