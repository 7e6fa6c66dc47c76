/* SPDX-License-Identifier: MIT */
/*
 * Threads of pthreads(7), apart from those that compute: they wait for the disk and for
 * room, which a computing team must not.
 *
 * Priority: reading ahead is worth nothing while the batches in stock last, but a
 * computing thread that is interrupted holds up its whole team at the next barrier. So
 * readers stand back (nice 10, about a tenth of a computing thread's weight). When they
 * fall behind, the computation waits and the processors are theirs.
 */
#include "data/workers.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { NICE = 10 };

ic_status ic_workers_start(struct ic_workers *workers, int count, void *(*run)(void *),
                           void *context, struct ic_error *error)
{
    sigset_t all, before;
    int failure = 0;

    assert(count >= 1);
    *workers = (struct ic_workers){.threads = calloc((size_t)count, sizeof(pthread_t))};
    if (workers->threads == NULL)
        return ic_fail_memory(error, "worker threads",
                              (size_t)count * sizeof(pthread_t));
    /* A new thread inherits the mask of the one that makes it. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (failure == 0 && workers->count < count) {
        failure = pthread_create(&workers->threads[workers->count], NULL, run, context);
        if (failure == 0)
            workers->count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0)
        return IC_OK;
    errno = failure;
    return ic_fail_errno(error, "cannot start worker thread %d of %d",
                         workers->count + 1, count);
}

void ic_workers_join(struct ic_workers *workers)
{
    for (int i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i], NULL);
    free(workers->threads);
    *workers = (struct ic_workers){0};
}

void ic_workers_stand_back(void)
{
#ifdef __linux__
    /* Here "the calling process" is the calling thread, against POSIX: see NOTES in
     * setpriority(2). Elsewhere it would slow the computation down. */
    setpriority(PRIO_PROCESS, 0, NICE);
#endif
}
