/* SPDX-License-Identifier: MIT */
/*
 * Threads that keep cores busy: see busy.h.
 */
#include "cli/busy.h"

static void *loop(void *data)
{
    struct ic_busy *const busy = data;

    while (!atomic_load_explicit(&busy->done, memory_order_relaxed))
        ;
    return NULL;
}

ic_status ic_busy_start(struct ic_busy *busy, int loops, struct ic_error *error)
{
    atomic_init(&busy->done, false);
    return loops > 0 ? ic_workers_start(&busy->loops, loops, loop, busy, error) : IC_OK;
}

void ic_busy_stop(struct ic_busy *busy)
{
    atomic_store(&busy->done, true);
    ic_workers_join(&busy->loops);
}
