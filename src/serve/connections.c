/* SPDX-License-Identifier: MIT */
/*
 * Connections in a list, and the thread that looks for late ones. See connections.h.
 *
 * A late socket is shut down here, not closed: its owner notices the end and closes it.
 * The owner removes a socket from the list before closing it, so a descriptor in the
 * list is never another's.
 */
#include "serve/connections.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/machine.h"

enum { LOOK_MS = 250 }; /* between two looks at all connections */

struct ic_connection {
    struct ic_connection *before, *behind;
    double deadline; /* INFINITY: none */
    int fd;
};

struct ic_connections {
    pthread_mutex_t lock;
    pthread_cond_t ending;
    pthread_t thread;
    struct ic_connection list; /* a ring; this element is no connection */
    bool end;
};

static void cut_late(struct ic_connections *connections)
{
    const double now = ic_machine_seconds();
    struct ic_connection *list = &connections->list;

    for (struct ic_connection *c = list->behind; c != list; c = c->behind)
        if (now > c->deadline) {
            shutdown(c->fd, SHUT_RDWR);
            c->deadline = INFINITY;
        }
}

static void *watch(void *context)
{
    struct ic_connections *connections = context;

    pthread_mutex_lock(&connections->lock);
    while (!connections->end) {
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&connections->ending, &connections->lock, &until);
        cut_late(connections);
    }
    pthread_mutex_unlock(&connections->lock);
    return NULL;
}

ic_status ic_connections_open(struct ic_connections **ret_connections,
                              struct ic_error *error)
{
    struct ic_connections *connections = calloc(1, sizeof *connections);
    pthread_condattr_t monotonic;

    *ret_connections = NULL;
    if (connections == NULL)
        return ic_fail_memory(error, "connections", sizeof *connections);
    connections->list.before = connections->list.behind = &connections->list;
    pthread_mutex_init(&connections->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&connections->ending, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&connections->thread, NULL, watch, connections) != 0) {
        pthread_cond_destroy(&connections->ending);
        pthread_mutex_destroy(&connections->lock);
        free(connections);
        return ic_fail(error, IC_ERR_LIMIT,
                       "cannot start the thread that watches connections");
    }
    *ret_connections = connections;
    return IC_OK;
}

void ic_connections_close(struct ic_connections *connections)
{
    if (connections == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    connections->end = true;
    pthread_cond_signal(&connections->ending);
    pthread_mutex_unlock(&connections->lock);
    pthread_join(connections->thread, NULL);
    pthread_cond_destroy(&connections->ending);
    pthread_mutex_destroy(&connections->lock);
    free(connections);
}

struct ic_connection *ic_connection_add(struct ic_connections *connections, int fd)
{
    struct ic_connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL)
        return NULL;
    connection->fd = fd;
    connection->deadline = INFINITY;
    pthread_mutex_lock(&connections->lock);
    connection->before = &connections->list;
    connection->behind = connections->list.behind;
    connection->before->behind = connection->behind->before = connection;
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

void ic_connection_remove(struct ic_connections *connections,
                          struct ic_connection *connection)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    connection->before->behind = connection->behind;
    connection->behind->before = connection->before;
    pthread_mutex_unlock(&connections->lock);
    free(connection);
}

void ic_connection_allow(struct ic_connections *connections,
                         struct ic_connection *connection, double seconds)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    connection->deadline = seconds > 0 ? ic_machine_seconds() + seconds : INFINITY;
    pthread_mutex_unlock(&connections->lock);
}
