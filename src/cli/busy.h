/* SPDX-License-Identifier: MIT */
/*
 * Makes a machine busy for measurements, with threads that loop without end. They
 * compute in registers, so that they take processor time from others but use neither
 * caches nor memory.
 */
#ifndef IC_CLI_BUSY_H
#define IC_CLI_BUSY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "data/workers.h"

/* All zero is "none". */
struct ic_busy {
    atomic_bool done;
    struct ic_workers loops;
};

/* Starts `loops` endless loops, each in a thread of its own; 0 is fine. The caller must
 * stop them, after a failure too. */
ic_status ic_busy_start(struct ic_busy *busy, int loops, struct ic_error *error);
void ic_busy_stop(struct ic_busy *busy);

#endif
