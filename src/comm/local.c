/* SPDX-License-Identifier: MIT */
/*
 * Ranks as processes on this machine: the program forks, and each two of its processes
 * talk through a pair of sockets. This transport needs no MPI: it serves tests, NUMA
 * machines, and distributed training on a laptop.
 *
 * Rank 0 is the process that was started. The others end with it, whatever happens to
 * it. Each two ranks have one pair of stream sockets for messages, and one for the
 * calls of a roll call, which must get past a message that is stuck.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "comm/comm_private.h"
#include "comm/local.h"

#ifndef MSG_NOSIGNAL /* an older macOS, where local_start.c asks the socket for it */
#define MSG_NOSIGNAL 0
#endif

enum { WAIT_MS = 20 };

/* The messages of one direction, in order: linked by their `request`. */
struct queue {
    struct ic_message *first, *last;
    size_t moved; /* bytes of the first message */
};

struct peer {
    int messages, calls; /* sockets; -1 for the own rank */
    struct queue out, in;
    enum ic_peer state;
};

struct ic_link {
    int rank, size;
    struct peer *peers; /* of each rank; owned */
    pid_t *children;    /* of rank 0: of each rank but 0; owned */
    struct pollfd *polls;
};

/* --- opening ---------------------------------------------------------------------- */

static void free_link(struct ic_link *link)
{
    for (int i = 0; link->peers != NULL && i < link->size; i++) {
        if (link->peers[i].messages >= 0)
            close(link->peers[i].messages);
        if (link->peers[i].calls >= 0)
            close(link->peers[i].calls);
    }
    free(link->peers);
    free(link->children);
    free(link->polls);
    free(link);
}

static struct ic_link *new_link(int size)
{
    struct ic_link *link = calloc(1, sizeof *link);
    const size_t count = (size_t)size;

    if (link == NULL)
        return NULL;
    link->size = size;
    link->peers = calloc(count, sizeof *link->peers);
    link->children = calloc(count, sizeof *link->children);
    link->polls = calloc(2 * count, sizeof *link->polls);
    for (int i = 0; link->peers != NULL && i < size; i++)
        link->peers[i].messages = link->peers[i].calls = -1;
    if (link->peers != NULL && link->children != NULL && link->polls != NULL)
        return link;
    free_link(link);
    return NULL;
}

static ic_status open_local(int ranks, struct ic_link **ret_link,
                            struct ic_crew *ret_crew, struct ic_error *error)
{
    struct ic_local_sockets sockets;
    struct ic_link *link = new_link(ranks);
    ic_status status;

    *ret_link = NULL;
    if (link == NULL)
        return ic_fail_memory(error, "local ranks", 0);
    status = ic_local_connect(&sockets, ranks, error);
    if (status == IC_OK) {
        link->rank = ic_local_fork(ranks, link->children);
        if (link->rank < 0)
            status = ic_fail_errno(error, "cannot start %d local ranks", ranks);
        for (int i = 0; i < ranks && link->rank >= 0; i++) {
            link->peers[i].messages = sockets.messages[link->rank * ranks + i];
            link->peers[i].calls = sockets.calls[link->rank * ranks + i];
        }
        ic_local_close(&sockets, link->rank);
    }
    if (status != IC_OK) {
        free_link(link);
        return status;
    }
    *ret_link = link;
    *ret_crew = (struct ic_crew){link->rank, ranks, link->rank, ranks};
    return IC_OK;
}

static const char *describe(const struct ic_link *link)
{
    return "processes on this machine";
}

/* --- messages --------------------------------------------------------------------- */

static void post(struct ic_link *link, struct ic_message *messages, int count)
{
    for (int i = 0; i < count; i++) {
        struct peer *peer = &link->peers[messages[i].peer];
        struct queue *queue = messages[i].send != NULL ? &peer->out : &peer->in;

        messages[i].request = NULL;
        if (queue->first == NULL)
            queue->first = &messages[i];
        else
            queue->last->request = &messages[i];
        queue->last = &messages[i];
    }
}

/* Moves as many bytes as do not block; notes a peer that is gone. What a peer sent
 * before it left is still in the socket, and is received. Returns whether any byte
 * moved. */
static bool move(struct peer *peer, struct queue *queue)
{
    bool moved = false;

    while (queue->first != NULL) {
        struct ic_message *message = queue->first;
        const size_t left = message->bytes - queue->moved;
        const ssize_t done =
            message->send != NULL
                ? send(peer->messages, (const char *)message->send + queue->moved, left,
                       MSG_NOSIGNAL)
                : recv(peer->messages, (char *)message->receive + queue->moved, left,
                       0);

        if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
            return moved;
        if (done <= 0) {
            if (peer->state == IC_PEER_QUIET)
                peer->state = IC_PEER_GONE;
            return moved;
        }
        moved = true;
        queue->moved += (size_t)done;
        if (queue->moved == message->bytes) {
            queue->first = message->request;
            queue->moved = 0;
            message->done = true;
        }
    }
    return moved;
}

/* Sleeps until a message can move or a call comes, but not for long. */
static void wait_for_sockets(const struct ic_link *link)
{
    nfds_t count = 0;

    for (int i = 0; i < link->size; i++) {
        const struct peer *peer = &link->peers[i];
        const short events = (short)((peer->out.first != NULL ? POLLOUT : 0) |
                                     (peer->in.first != NULL ? POLLIN : 0));

        if (i == link->rank || peer->state != IC_PEER_QUIET)
            continue;
        link->polls[count++] = (struct pollfd){.fd = peer->calls, .events = POLLIN};
        if (events != 0)
            link->polls[count++] =
                (struct pollfd){.fd = peer->messages, .events = events};
    }
    poll(link->polls, count, WAIT_MS);
}

static ic_status advance(struct ic_link *link, struct ic_message *messages, int count,
                         bool *ret_moved, struct ic_error *error)
{
    *ret_moved = false;
    for (int pass = 0; pass < 2 && !*ret_moved; pass++) {
        if (pass == 1)
            wait_for_sockets(link);
        for (int i = 0; i < link->size; i++) {
            struct peer *peer = &link->peers[i];

            *ret_moved |= move(peer, &peer->out);
            *ret_moved |= move(peer, &peer->in);
            if (peer->state == IC_PEER_GONE &&
                (peer->out.first != NULL || peer->in.first != NULL))
                return ic_fail(error, IC_ERR_RANK, "rank %d has ended", i);
        }
    }
    return IC_OK;
}

/* --- calls ------------------------------------------------------------------------ */

static void call(struct ic_link *link)
{
    for (int i = 0; i < link->size; i++)
        if (i != link->rank)
            send(link->peers[i].calls, "!", 1, MSG_NOSIGNAL);
}

static bool listen_for_calls(struct ic_link *link, enum ic_peer *peers)
{
    bool heard = false;

    for (int i = 0; i < link->size; i++) {
        struct peer *peer = &link->peers[i];
        char byte;

        if (i != link->rank && peer->state != IC_PEER_CALLED) {
            const ssize_t got = recv(peer->calls, &byte, 1, 0);

            if (got == 1)
                peer->state = IC_PEER_CALLED;
            else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                peer->state = IC_PEER_GONE;
        }
        peers[i] = peer->state;
        heard |= peer->state == IC_PEER_CALLED;
    }
    return heard;
}

/* --- the end ---------------------------------------------------------------------- */

static void close_local(struct ic_link *link)
{
    if (link == NULL)
        return;
    for (int i = 1; i < link->size && link->rank == 0; i++)
        while (waitpid(link->children[i], NULL, 0) < 0 && errno == EINTR)
            continue;
    free_link(link);
}

/* Every other rank ends when rank 0 does, if not before. */
static void abandon(struct ic_link *link, int status)
{
    for (int i = 1; i < link->size && link->rank == 0; i++) {
        kill(link->children[i], SIGKILL);
        waitpid(link->children[i], NULL, 0);
    }
    if (link->rank > 0 && link->peers[0].state == IC_PEER_QUIET)
        kill(getppid(), SIGKILL);
    free_link(link);
}

const struct ic_transport ic_transport_local = {
    .name = "local",
    .open = open_local,
    .describe = describe,
    .post = post,
    .advance = advance,
    .call = call,
    .listen = listen_for_calls,
    .close = close_local,
    .abandon = abandon,
};
