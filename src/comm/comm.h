/* SPDX-License-Identifier: MIT */
/*
 * The ranks of a distributed training, seen from one of them: processes, on one machine
 * or on many, that run the same program on the same job.
 *
 * All ranks call the functions below in the same order; each function is a meeting (a
 * collective operation) of all ranks. A training that is not distributed has one rank,
 * a NULL comm, with which every function returns at once.
 *
 * A rank that fails alone (a picture that it cannot read) must not leave the others
 * waiting. So work that may fail comes first; then ic_comm_agree, where all ranks learn
 * of a failure and fail with the same message; and only then the exchange of data.
 * After an agreed failure nothing more is sent.
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

/* Joins the other ranks. The caller closes *ret_comm even after a failure, when it
 * still says which rank reports the failure (ic_comm_speaks). Refuses an unknown kind,
 * a module that is not installed, and ranks of different launchers (IC_ERR_RANK). */
ic_status ic_comm_open(const struct ic_comm_options *options, struct ic_comm **ret_comm,
                       struct ic_error *error);

/* Leaves the other ranks. Where a rank was lost, ends the processes of all others, and
 * may end this process, too, with `exit_status`. So a program calls it last, after all
 * its output. NULL is fine. */
void ic_comm_close(struct ic_comm *comm, int exit_status);

/* --- ranks ------------------------------------------------------------------------ */

int ic_comm_rank(const struct ic_comm *comm); /* 0 to size - 1 */
int ic_comm_size(const struct ic_comm *comm);
int ic_comm_local_rank(const struct ic_comm *comm); /* among those on this machine */
int ic_comm_local_size(const struct ic_comm *comm);

/* Whether this rank writes the output for all: rank 0, or the lowest that is not lost.
 */
bool ic_comm_speaks(const struct ic_comm *comm);

/* "Open MPI 4.1.4"; one line for people. */
const char *ic_comm_describe(const struct ic_comm *comm);

/* --- meetings --------------------------------------------------------------------- */

/* Fails on all ranks where it fails on one: returns `status` where all have IC_OK, else
 * the status and message of the lowest rank that failed, in `error`, after that rank's
 * name unless all failed alike. `stop` (may be NULL) becomes true everywhere where it
 * is true on one rank. */
ic_status ic_comm_agree(struct ic_comm *comm, ic_status status, bool *stop,
                        struct ic_error *error);

/* All-gather: makes an array whole on all ranks. The array consists of pieces of
 * `piece` bytes, the last of which may be shorter, and each rank has filled its stretch
 * of the pieces (base/stretch.h). */
ic_status ic_comm_gather(struct ic_comm *comm, void *data, size_t bytes, size_t piece,
                         struct ic_error *error);

/* Sends rank 0's bytes to all ranks. */
ic_status ic_comm_broadcast(struct ic_comm *comm, void *data, size_t bytes,
                            struct ic_error *error);

/* Replaces `value` by its sum over all ranks; `value` is less than 2^31 / size. */
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
 * Meetings are made of messages. ic_comm_send and ic_comm_receive add a message to a
 * list. ic_comm_start starts the messages of the list and begins an empty list.
 * ic_comm_finish waits for the oldest list on its way, and returns at once where there
 * is none; at most IC_COMM_LISTS are on their way. Two ranks list their messages to
 * each other in the same order. Memory stays untouched until its messages are done.
 */
enum { IC_COMM_LISTS = 4 };

void ic_comm_send(struct ic_comm *comm, int peer, const void *data, size_t bytes);
void ic_comm_receive(struct ic_comm *comm, int peer, void *data, size_t bytes);
void ic_comm_start(struct ic_comm *comm);
ic_status ic_comm_finish(struct ic_comm *comm, struct ic_error *error);

/* Starts the list and waits for it; no other list is on its way. */
ic_status ic_comm_wait(struct ic_comm *comm, struct ic_error *error);

#endif
