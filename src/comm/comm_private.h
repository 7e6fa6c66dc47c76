/* SPDX-License-Identifier: MIT */
/*
 * A rank's internals, for comm.c, messages.c and open.c.
 */
#ifndef IC_COMM_COMM_PRIVATE_H
#define IC_COMM_COMM_PRIVATE_H

#include "comm/comm.h"
#include "comm/transport.h"

enum { IC_HOST_NAME = 64 };

/* A rank's state, as ic_comm_agree gathers it. */
struct ic_word {
    int status; /* ic_status */
    int stop;
};

/* Messages that are started and waited for together. */
struct ic_message_list {
    struct ic_message *messages; /* owned */
    int count, room;
};

struct ic_comm {
    const struct ic_transport *transport; /* NULL: one rank alone */
    struct ic_link *link;                 /* NULL: not joined */
    struct ic_crew crew;
    double timeout;
    double waited;
    bool over;   /* a failure was agreed on: nothing more is sent */
    bool lost;   /* a rank was lost: closing ends the others */
    bool silent; /* another rank writes the output */

    char (*hosts)[IC_HOST_NAME]; /* of each rank; owned */
    struct ic_word *words;       /* of each rank, in agree; owned */
    enum ic_peer *peers;         /* of each rank, in a roll call; owned */

    struct ic_message_list lists[IC_COMM_LISTS]; /* a ring */
    int first_list, list_count; /* lists on their way; the next list is being filled */
    bool list_failed;           /* memory ran out */
};

extern const struct ic_transport ic_transport_local;

/* Fails with the names of the ranks that do not answer a call, and marks `comm` as
 * lost. `reason` is a failed transport's message, or NULL after a timeout. */
ic_status ic_comm_lose(struct ic_comm *comm, const char *reason,
                       struct ic_error *error);

#endif
