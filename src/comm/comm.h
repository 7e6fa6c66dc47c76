/* SPDX-License-Identifier: MIT */
/*
 * The ranks of a distributed training, seen from one of them: processes, on one machine
 * or on many, that run the same program on the same job.
 *
 * All ranks call the functions below in the same order; each function is a meeting of
 * all of them. A training that runs alone is one of one rank: there every function
 * returns at once, and NULL stands for it.
 *
 * A rank that fails by itself (a picture that it cannot read) must not leave the others
 * waiting. So what may fail comes first, then ic_comm_agree, where all ranks learn of
 * the failure and fail with the same message; and only then what they exchange. After
 * that nothing more is sent.
 *
 * A rank that does not come to a meeting (its process ended, it hangs, its network is
 * down) makes the meeting fail on all others with IC_ERR_RANK, which names that rank.
 */
#ifndef IC_COMM_COMM_H
#define IC_COMM_COMM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ic_comm;

/* "none", "local", "mpi"; the list ends with NULL. */
extern const char *const ic_comm_names[];

struct ic_comm_options {
    const char *kind; /* of ic_comm_names; "none": one rank */
    int ranks;        /* that "local" starts; others are started by a launcher */
    double timeout;   /* seconds that a meeting waits for a rank */
};

/* Joins the other ranks. The caller closes *ret_comm, also after a failure, where it
 * says at least which rank is to tell of it (ic_comm_speaks). Refused: an unknown kind,
 * a module that is not installed, ranks of different launchers (IC_ERR_RANK). */
ic_status ic_comm_open(const struct ic_comm_options *options, struct ic_comm **ret_comm,
                       struct ic_error *error);

/* Leaves. Where a rank was lost, it ends the processes of all others, and it may end
 * this one, too, with `exit_status`. So a program calls it last, when it has said all.
 * NULL is fine. */
void ic_comm_close(struct ic_comm *comm, int exit_status);

/* --- who is there ----------------------------------------------------------------- */

int ic_comm_rank(const struct ic_comm *comm); /* 0 to size - 1 */
int ic_comm_size(const struct ic_comm *comm);
int ic_comm_local_rank(const struct ic_comm *comm); /* among those on this machine */
int ic_comm_local_size(const struct ic_comm *comm);

/* Whether this rank talks to people for all: rank 0, or the lowest that is not lost. */
bool ic_comm_speaks(const struct ic_comm *comm);

/* "Open MPI 4.1.4"; one line for people. */
const char *ic_comm_describe(const struct ic_comm *comm);

/* --- meetings --------------------------------------------------------------------- */

/* Fails on all ranks where it fails on one: returns `status` where all have IC_OK, else
 * the status and message of the lowest rank that failed, in `error`, behind that rank's
 * name unless all failed alike. `stop` (may be NULL) becomes true everywhere where it
 * is true on one rank. */
ic_status ic_comm_agree(struct ic_comm *comm, ic_status status, bool *stop,
                        struct ic_error *error);

/* An array that each rank computed a part of becomes whole on all of them. It consists
 * of pieces of `piece` bytes, the last of which may be shorter, and a rank has filled
 * its stretch of the pieces (ic_comm_stretch). */
ic_status ic_comm_gather(struct ic_comm *comm, void *data, size_t bytes, size_t piece,
                         struct ic_error *error);

/* Gives rank 0's bytes to all. */
ic_status ic_comm_broadcast(struct ic_comm *comm, void *data, size_t bytes,
                            struct ic_error *error);

/* The sum of what each rank has, on all of them; `value` is less than 2^31 / size. */
ic_status ic_comm_sum(struct ic_comm *comm, int *value, struct ic_error *error);

/* The same over the ranks on this machine. A meeting of all ranks. */
ic_status ic_comm_local_sum(struct ic_comm *comm, int *value, struct ic_error *error);

/* How many of the ranks on this machine, this one included, have the same value. A
 * meeting of all ranks. */
ic_status ic_comm_local_alike(struct ic_comm *comm, int value, int *ret_count,
                              struct ic_error *error);

/* Seconds spent so far waiting for others in ic_comm_agree. */
double ic_comm_waited(const struct ic_comm *comm);

/* --- messages ----------------------------------------------------------------------
 *
 * What a meeting is made of. ic_comm_send and ic_comm_receive take a message into a
 * list. ic_comm_start starts those of the list, which is empty then, and ic_comm_finish
 * waits for the list that was started first of those that are on their way, at most
 * IC_COMM_LISTS; where there is none, it returns at once. Two ranks name their messages
 * to each other in the same order. Memory stays untouched until they are done.
 */
enum { IC_COMM_LISTS = 4 };

void ic_comm_send(struct ic_comm *comm, int peer, const void *data, size_t bytes);
void ic_comm_receive(struct ic_comm *comm, int peer, void *data, size_t bytes);
void ic_comm_start(struct ic_comm *comm);
ic_status ic_comm_finish(struct ic_comm *comm, struct ic_error *error);

/* Starts the list and waits for it; no other is on its way. */
ic_status ic_comm_wait(struct ic_comm *comm, struct ic_error *error);

#endif
