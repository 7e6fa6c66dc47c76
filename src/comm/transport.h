/* SPDX-License-Identifier: MIT */
/*
 * What carries bytes between the ranks of a distributed training: a table of functions,
 * as a backend is one (backend/backend.h). There is one of processes on this machine
 * (local.c) and one of MPI (mpi.c, a module of its own). What ranks say to each other,
 * and in what order, stands above it, in comm.h.
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

/* One way of a message. The memory must stay until `done`. */
struct ic_message {
    int peer;         /* a rank, not one's own */
    const void *send; /* bytes for the peer, or NULL ... */
    void *receive;    /* ... and then room for bytes from it */
    size_t bytes;     /* 1 to IC_MESSAGE_MOST */
    bool done;        /* false at first; set by `advance` */
    void *request;    /* the transport's own */
};

enum { IC_MESSAGE_MOST = 1 << 30 };

/* What can be told of a peer without a message from it. */
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

    /* Joins the other ranks. `ranks` is how many there are to be, for a transport that
     * starts them itself; others are started by a launcher and are not told. On
     * failure, too, ret_crew->rank is this process's number among those that were
     * started, as far as it is known, else 0: only rank 0 is to tell of a failure that
     * all have. */
    ic_status (*open)(int ranks, struct ic_link **ret_link, struct ic_crew *ret_crew,
                      struct ic_error *error);

    /* One line for people: the library and its version. Owned by the link, or by the
     * transport where that is NULL, before `open`. */
    const char *(*describe)(const struct ic_link *link);

    /* Starts messages; neither blocks nor fails. */
    void (*post)(struct ic_link *link, struct ic_message *messages, int count);

    /* Moves these messages, which were posted, and marks those that are done. It
     * returns as soon as one of them has moved on, and after some milliseconds in any
     * case. `*ret_moved` says whether any has. Fails (IC_ERR_RANK) when a peer of a
     * message that is not done has ended. */
    ic_status (*advance)(struct ic_link *link, struct ic_message *messages, int count,
                         bool *ret_moved, struct ic_error *error);

    /* Calls out to all peers, beside all messages: "I am alive, and I give up". */
    void (*call)(struct ic_link *link);

    /* Writes what is known of each rank to peers[0 .. size - 1]; of one's own: nothing.
     * Returns whether any has called out. */
    bool (*listen)(struct ic_link *link, enum ic_peer *peers);

    /* Leaves, when no message is on its way; all ranks do. NULL is fine. */
    void (*close)(struct ic_link *link);

    /* Leaves after a rank was lost: ends the processes of all others at once, also
     * those that hang. It may end this one, too, with the exit status `status`. */
    void (*abandon)(struct ic_link *link, int status);
};

#endif
