/* SPDX-License-Identifier: MIT */
/*
 * The processes of local.c and the sockets between them.
 */
#ifndef IC_COMM_LOCAL_H
#define IC_COMM_LOCAL_H

#include <sys/types.h>

#include "base/error.h"

/* The sockets of all pairs of ranks: [a * size + b] is rank a's end of the pair of a
 * and b, and -1 where there is none. */
struct ic_local_sockets {
    int size;
    int *messages, *calls; /* size x size; owned */
};

/* Makes the non-blocking sockets of each pair of `size` ranks. On failure none are
 * left. */
ic_status ic_local_connect(struct ic_local_sockets *ret_sockets, int size,
                           struct ic_error *error);

/* Closes all sockets but those of one rank (-1: all), and frees the lists. */
void ic_local_close(struct ic_local_sockets *sockets, int but_rank);

/* Forks the other ranks, which end when this process does; children[1 .. size - 1] are
 * their processes. Returns in each process with its rank, or with -1 and errno on
 * failure, when no other process is left. */
int ic_local_fork(int size, pid_t *children);

#endif
