/* SPDX-License-Identifier: MIT */
/*
 * The parts of a server, opened and closed. See server.h.
 */
#include "serve/server.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "backend/cpu/sandbox.h"
#include "serve/exchange.h"
#include "serve/listen.h"

enum {
    HEAD_ROOM = 32 << 10, /* bytes of a connection for heads and data in transit */
    THREADS = 2,          /* that read requests: one may be busy with a body */
};

struct ic_server {
    struct ic_hall hall;
    struct MHD_Daemon *daemon;
    int fd; /* listens; -1: no longer */
    int port;
};

static void notify(void *context, struct MHD_Connection *connection,
                   void **socket_context, enum MHD_ConnectionNotificationCode what)
{
    struct ic_hall *hall = context;
    const union MHD_ConnectionInfo *info;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        info =
            ic_mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = info != NULL
                              ? ic_connection_add(hall->connections, info->connect_fd)
                              : NULL;
        ic_connection_allow(hall->connections, *socket_context, hall->options.timeout);
        hall->site.connections++;
    } else {
        ic_connection_remove(hall->connections, *socket_context);
        hall->site.connections--;
    }
}

static ic_status start_daemon(struct ic_server *server, struct ic_error *error)
{
    struct ic_hall *hall = &server->hall;

    server->daemon = ic_mhd.start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL,
        NULL, ic_exchange_handle, hall, MHD_OPTION_LISTEN_SOCKET, server->fd,
        MHD_OPTION_NOTIFY_COMPLETED, ic_exchange_done, hall,
        MHD_OPTION_NOTIFY_CONNECTION, notify, hall, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)hall->options.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEAD_ROOM, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_END);
    if (server->daemon == NULL)
        return ic_fail(error, IC_ERR_IO, "libmicrohttpd does not start");
    return IC_OK;
}

ic_status ic_server_open(const struct ic_server_options *options,
                         struct ic_server **ret_server, struct ic_error *error)
{
    struct ic_server *server = calloc(1, sizeof *server);
    struct ic_site *site;
    ic_status status;

    *ret_server = NULL;
    if (server == NULL)
        return ic_fail_memory(error, "the server", sizeof *server);
    server->hall.options = *options;
    server->hall.options.connections = ic_listen_room(options->connections);
    site = &server->hall.site;
    site->model_name = options->model_name;
    site->max_pictures = options->service.queue.room;
    status = ic_mhd_load(error);
    if (status != IC_OK) {
        free(server);
        return status;
    }
    status = ic_listen(options->host, options->port, &server->fd, &server->port, error);
    if (status == IC_OK && options->readable != NULL)
        status = ic_cpu_enter_sandbox(options->readable, error);
    if (status == IC_OK)
        status = ic_metrics_open(&site->metrics, error);
    if (status == IC_OK)
        status =
            ic_service_open(&options->service, site->metrics, &site->service, error);
    if (status == IC_OK)
        status = ic_connections_open(&server->hall.connections, error);
    if (status == IC_OK)
        status = start_daemon(server, error);
    if (status == IC_OK)
        *ret_server = server;
    else
        ic_server_close(server);
    return status;
}

int ic_server_port(const struct ic_server *server)
{
    return server->port;
}

size_t ic_server_connections(const struct ic_server *server)
{
    return server->hall.options.connections;
}

ic_status ic_server_load(struct ic_server *server, const struct ic_model_source *source,
                         struct ic_error *error)
{
    return ic_service_load(server->hall.site.service, source, error);
}

struct ic_served *ic_server_model(struct ic_server *server)
{
    return ic_service_model(server->hall.site.service);
}

/* Waits until no request is left. A request may still be on its way through an open
 * connection, and counts only from its head on. So the server must be empty twice in a
 * row. */
static void wait_for_requests(const struct ic_site *site)
{
    const struct timespec pause = {.tv_nsec = 50000000};

    for (int empty = 0; empty < 2;) {
        nanosleep(&pause, NULL);
        empty = site->requests == 0 ? empty + 1 : 0;
    }
}

void ic_server_close(struct ic_server *server)
{
    struct ic_hall *hall;

    if (server == NULL)
        return;
    hall = &server->hall;
    hall->site.stopping = true;
    if (server->daemon != NULL) {
        ic_mhd.quiesce_daemon(server->daemon);
        close(server->fd);
        server->fd = -1;
        wait_for_requests(&hall->site);
        ic_mhd.stop_daemon(server->daemon);
    }
    if (server->fd >= 0)
        close(server->fd);
    ic_service_close(hall->site.service);
    ic_connections_close(hall->connections);
    ic_metrics_close(hall->site.metrics);
    free(server);
}
