/* SPDX-License-Identifier: MIT */
/*
 * Messages between ranks, and what happens when one does not come. See comm.h.
 *
 * A rank that waits in vain does not know which rank is to blame: the rank that it
 * waits for may itself be waiting for a third. So it calls out, outside all messages,
 * and each waiting rank that hears the call calls out, too. A rank that has not called
 * out after a while is lost: it hangs, is unreachable, or is busy for longer than the
 * user allows.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/machine.h"
#include "comm/comm_private.h"

/* Seconds that a rank has to answer a call. */
static const double patience = 5;

/* --- the list --------------------------------------------------------------------- */

/* The list `behind` places after the oldest list on its way. */
static struct ic_message_list *list_at(struct ic_comm *comm, int behind)
{
    return &comm->lists[(comm->first_list + behind) % IC_COMM_LISTS];
}

static void add_message(struct ic_comm *comm, const struct ic_message *message)
{
    struct ic_message_list *list = list_at(comm, comm->list_count);

    assert(comm->list_count < IC_COMM_LISTS);
    if (list->count == list->room) {
        const int room = 2 * list->room + 64;
        struct ic_message *more =
            realloc(list->messages, (size_t)room * sizeof *list->messages);

        if (more == NULL) {
            comm->list_failed = true;
            return;
        }
        list->messages = more;
        list->room = room;
    }
    list->messages[list->count++] = *message;
}

/* Adds a message, cut into parts that a transport takes; both sides cut alike. */
static void add_cut(struct ic_comm *comm, struct ic_message message, size_t bytes)
{
    assert(message.peer >= 0 && message.peer < comm->crew.size &&
           message.peer != comm->crew.rank);
    for (size_t at = 0; at < bytes; at += message.bytes) {
        struct ic_message part = message;

        message.bytes = bytes - at < IC_MESSAGE_MOST ? bytes - at : IC_MESSAGE_MOST;
        part.bytes = message.bytes;
        if (part.send != NULL)
            part.send = (const char *)message.send + at;
        else
            part.receive = (char *)message.receive + at;
        add_message(comm, &part);
    }
}

void ic_comm_send(struct ic_comm *comm, int peer, const void *data, size_t bytes)
{
    add_cut(comm, (struct ic_message){.peer = peer, .send = data}, bytes);
}

void ic_comm_receive(struct ic_comm *comm, int peer, void *data, size_t bytes)
{
    add_cut(comm, (struct ic_message){.peer = peer, .receive = data}, bytes);
}

/* --- a rank is lost --------------------------------------------------------------- */

/* Waits until each rank has called out or is gone, but no longer than patience lasts.
 */
static void call_roll(struct ic_comm *comm)
{
    const double begin = ic_machine_seconds();
    const struct timespec pause = {.tv_nsec = 2000000};
    bool complete = false;

    comm->transport->call(comm->link);
    while (!complete && ic_machine_seconds() - begin < patience) {
        complete = true;
        comm->transport->listen(comm->link, comm->peers);
        for (int i = 0; i < comm->crew.size; i++)
            if (i != comm->crew.rank && comm->peers[i] == IC_PEER_QUIET)
                complete = false;
        if (!complete)
            nanosleep(&pause, NULL);
    }
}

/* Names the ranks in a state, as far as they fit: "rank 2 on n2, rank 3 on n2". Returns
 * how many there are. */
static int name_ranks(const struct ic_comm *comm, enum ic_peer state, char *text,
                      size_t size)
{
    size_t used = 0;
    int count = 0;

    text[0] = '\0';
    for (int i = 0; i < comm->crew.size; i++) {
        if (i == comm->crew.rank || comm->peers[i] != state)
            continue;
        if (used + IC_HOST_NAME + 40 < size)
            used += (size_t)snprintf(text + used, size - used, "%srank %d on %s",
                                     count > 0 ? ", " : "", i, comm->hosts[i]);
        count++;
    }
    if (count > 0 && used + 40 >= size)
        snprintf(text + used, size - used, " and others, %d in all", count);
    return count;
}

ic_status ic_comm_lose(struct ic_comm *comm, const char *reason, struct ic_error *error)
{
    char names[300];
    int count;

    comm->over = comm->lost = true;
    call_roll(comm);
    comm->silent = false;
    for (int i = 0; i < comm->crew.rank; i++)
        if (comm->peers[i] == IC_PEER_CALLED)
            comm->silent = true;

    count = name_ranks(comm, IC_PEER_GONE, names, sizeof names);
    if (count > 0)
        return ic_fail(error, IC_ERR_RANK, "%s %s ended during the training", names,
                       count == 1 ? "has" : "have");
    count = name_ranks(comm, IC_PEER_QUIET, names, sizeof names);
    if (count > 0)
        return ic_fail(error, IC_ERR_RANK,
                       "%s %s not answered for %.4g seconds (--comm-timeout): the "
                       "process hangs, or its machine or network is down",
                       names, count == 1 ? "has" : "have", comm->timeout);
    if (reason != NULL)
        return ic_fail(error, IC_ERR_RANK, "the ranks cannot continue: %s", reason);
    return ic_fail(error, IC_ERR_RANK,
                   "the ranks cannot continue: all of them answer, but no message came "
                   "for %.4g seconds: use a longer --comm-timeout if a rank is slow, "
                   "with a checkpoint for instance",
                   comm->timeout);
}

/* --- waiting ---------------------------------------------------------------------- */

static bool all_done(const struct ic_message_list *list)
{
    for (int i = 0; i < list->count; i++)
        if (!list->messages[i].done)
            return false;
    return true;
}

void ic_comm_start(struct ic_comm *comm)
{
    const struct ic_message_list *list = list_at(comm, comm->list_count);

    assert(comm->list_count < IC_COMM_LISTS);
    if (!comm->list_failed)
        comm->transport->post(comm->link, list->messages, list->count);
    comm->list_count++;
}

ic_status ic_comm_finish(struct ic_comm *comm, struct ic_error *error)
{
    struct ic_message_list *list = list_at(comm, 0);
    double last = ic_machine_seconds();
    struct ic_error failure = {0};
    ic_status status = IC_OK;

    if (comm->list_count == 0)
        return IC_OK;
    if (comm->list_failed)
        status = ic_fail_memory(&failure, "the list of messages", 0);
    while (status == IC_OK && !all_done(list)) {
        bool moved;

        status = comm->transport->advance(comm->link, list->messages, list->count,
                                          &moved, &failure);
        if (moved)
            last = ic_machine_seconds();
        else if (status == IC_OK && (ic_machine_seconds() - last > comm->timeout ||
                                     comm->transport->listen(comm->link, comm->peers)))
            status = IC_ERR_RANK;
    }
    list->count = 0;
    comm->first_list = (comm->first_list + 1) % IC_COMM_LISTS;
    comm->list_count--;
    if (status == IC_OK)
        return IC_OK;
    return ic_comm_lose(comm, failure.message[0] != '\0' ? failure.message : NULL,
                        error);
}

ic_status ic_comm_wait(struct ic_comm *comm, struct ic_error *error)
{
    assert(comm->list_count == 0);
    ic_comm_start(comm);
    return ic_comm_finish(comm, error);
}
