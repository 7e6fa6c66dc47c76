/* SPDX-License-Identifier: MIT */
/*
 * A transport carries bytes between the ranks of a distributed training. Like a backend
 * (backend/backend.h) it is a table of functions. One transport connects processes on
 * this machine (local.c), the other uses MPI (mpi.c, a module of its own). What ranks
 * send to each other, and in what order, is decided above it, in comm.h.
 *
 * Messages between two ranks arrive in the order in which they were posted, and a
 * receive takes the next message from its peer: both sides know what comes, and how
 * long it is. A transport is used by one thread.
 */
#ifndef IC_COMM_TRANSPORT_H
#define IC_COMM_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* One end of a message. The memory must stay valid until `done`. */
struct ic_message {
    int peer;         /* a rank other than the own */
    const void *send; /* bytes for the peer, or NULL ... */
    void *receive;    /* ... and then room for bytes from it */
    size_t bytes;     /* 1 to IC_MESSAGE_MOST */
    bool done;        /* false at first; set by `advance` */
    void *request;    /* the transport's own */
};

enum { IC_MESSAGE_MOST = 1 << 30 };

/* The state of a peer as known without a message from it. */
enum ic_peer {
    IC_PEER_QUIET,  /* nothing is known */
    IC_PEER_CALLED, /* it has called out since the beginning */
    IC_PEER_GONE    /* its process has ended, and had not called out before */
};

/* Who takes part. */
struct ic_crew {
    int rank, size;             /* from 0; 1 or more */
    int local_rank, local_size; /* among the ranks on this machine */
};

/* A transport's own data. */
struct ic_link;

struct ic_transport {
    const char *name; /* "mpi" */

    /* Joins the other ranks. `ranks` is their number for a transport that starts them
     * itself; a transport whose ranks a launcher starts ignores it. On failure, too,
     * ret_crew->rank is this process's number among those that were started, as far as
     * it is known, else 0: only rank 0 reports a failure that all have. */
    ic_status (*open)(int ranks, struct ic_link **ret_link, struct ic_crew *ret_crew,
                      struct ic_error *error);

    /* One line for people: the library and its version. Owned by the link, or by the
     * transport where `link` is NULL, before `open`. */
    const char *(*describe)(const struct ic_link *link);

    /* Starts messages; neither blocks nor fails. */
    void (*post)(struct ic_link *link, struct ic_message *messages, int count);

    /* Advances posted messages and marks those that are done. Returns as soon as one of
     * them has advanced, and after some milliseconds in any case; `*ret_moved` says
     * whether any has. Fails (IC_ERR_RANK) when the peer of an unfinished message has
     * ended. */
    ic_status (*advance)(struct ic_link *link, struct ic_message *messages, int count,
                         bool *ret_moved, struct ic_error *error);

    /* Calls out to all peers, outside all messages: "I am alive, and I give up". */
    void (*call)(struct ic_link *link);

    /* Writes the state of each rank to peers[0 .. size - 1], QUIET for the own rank.
     * Returns whether any has called out. */
    bool (*listen)(struct ic_link *link, enum ic_peer *peers);

    /* Leaves; all ranks do, with no message on its way. NULL is fine. */
    void (*close)(struct ic_link *link);

    /* Leaves after a rank was lost: ends the processes of all others at once, hanging
     * ones included. May end this process, too, with the exit status `status`. */
    void (*abandon)(struct ic_link *link, int status);
};

#endif
