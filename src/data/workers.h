/* SPDX-License-Identifier: MIT */
/*
 * A few threads that read pictures while the calling thread continues.
 */
#ifndef IC_DATA_WORKERS_H
#define IC_DATA_WORKERS_H

#include <pthread.h>

#include "base/error.h"

/* All zero is "none". */
struct ic_workers {
    pthread_t *threads; /* owned */
    int count;          /* threads that run */
};

/* Starts `count` threads that call run(context). Signals stay with the other threads.
 * On failure some threads may already run: the caller tells them to end, then joins
 * them. */
ic_status ic_workers_start(struct ic_workers *workers, int count, void *(*run)(void *),
                           void *context, struct ic_error *error);

/* Waits until all threads have returned, and frees. */
void ic_workers_join(struct ic_workers *workers);

/* Lowers the calling thread's priority below that of the computing threads. */
void ic_workers_stand_back(void);

#endif
