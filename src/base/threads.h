/* SPDX-License-Identifier: MIT */
/*
 * A team of threads that share a piece of work, thousands of times per second.
 *
 * Between two pieces the threads wait: awake for a moment, since the next piece usually
 * comes within microseconds, then asleep. And nobody waits for a thread that has not
 * begun: on a machine with other work to do, a thread may get its core long after the
 * others have finished the piece. An OpenMP runtime that keeps its threads awake for
 * milliseconds, and waits for all of them at every barrier, is 5 to 20 times slower
 * there (docs/performance.md).
 */
#ifndef IC_BASE_THREADS_H
#define IC_BASE_THREADS_H

#include "base/error.h"

struct ic_threads;

/* Starts count - 1 threads, which get no signals; the caller's is thread 0. */
ic_status ic_threads_start(int count, struct ic_threads **ret_threads,
                           struct ic_error *error);

/* Ends and frees them. NULL is fine. */
void ic_threads_stop(struct ic_threads *team);

/* Calls work(data, 0) in this thread, and work(data, i) in each other thread that
 * arrives before that call has returned. Returns when all calls have. So `work` takes
 * its tasks from a common list, one by one, until the list is empty. One caller at a
 * time. */
void ic_threads_run(struct ic_threads *team, void (*work)(void *data, int thread),
                    void *data);

#endif
