/* SPDX-License-Identifier: MIT */
/*
 * Answers a request and logs it. See exchange_private.h.
 *
 * The library takes an answer before a body or after it, and closes a connection whose
 * body it did not read, so that a client which is still sending meets a reset instead
 * of the answer. So the answer to a request whose body is too large is written to the
 * socket here. What the client still sends is skipped for some seconds, and then the
 * connection ends.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/exchange_private.h"

#ifndef MSG_MORE /* Linux's; elsewhere the two parts go one by one */
#define MSG_MORE 0
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

enum {
    LAST_SECONDS = 3
}; /* for a client to read a refusal in the middle of its body */

static struct ic_connection *deadline_of(struct ic_exchange *exchange)
{
    const union MHD_ConnectionInfo *info = ic_mhd.get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

void ic_exchange_allow(struct ic_exchange *exchange, double seconds)
{
    ic_connection_allow(exchange->hall->connections, deadline_of(exchange), seconds);
}

/* --- the answer ---------------------------------------------------------------- */

static void add_number(struct MHD_Response *out, const char *name, size_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", number);
    ic_mhd.add_response_header(out, name, text);
}

enum MHD_Result ic_exchange_respond(struct ic_exchange *exchange)
{
    static char no_memory[] = "{\"error\":\"the server has no memory left\"}";
    struct ic_response *response = &exchange->response;
    struct MHD_Response *out;
    enum MHD_Result result;

    if (response->body == NULL) {
        response->status = 503;
        response->type = "application/json";
        response->size = strlen(no_memory);
        out = ic_mhd.create_response_from_buffer(response->size, no_memory,
                                                 MHD_RESPMEM_PERSISTENT);
    } else {
        out = ic_mhd.create_response_from_buffer(response->size, response->body,
                                                 MHD_RESPMEM_MUST_FREE);
        if (out != NULL)
            response->body = NULL; /* the library's response owns it */
    }
    if (out == NULL)
        return MHD_NO;
    ic_mhd.add_response_header(out, "Content-Type", response->type);
    if (response->retry_after > 0)
        add_number(out, "Retry-After", (size_t)response->retry_after);
    if (response->json_length > 0)
        add_number(out, "Inference-Header-Content-Length", response->json_length);
    if (response->allow != NULL)
        ic_mhd.add_response_header(out, "Allow", response->allow);
    if (exchange->hall->site.stopping)
        ic_mhd.add_response_header(out, "Connection", "close");
    ic_exchange_allow(exchange, exchange->hall->options.timeout);
    result =
        ic_mhd.queue_response(exchange->connection, (unsigned)response->status, out);
    ic_mhd.destroy_response(out);
    return result;
}

void ic_exchange_cut_short(struct ic_exchange *exchange)
{
    const union MHD_ConnectionInfo *info = ic_mhd.get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ic_response *response = &exchange->response;
    char head[256];
    int length;

    exchange->cut = true;
    free(exchange->bytes);
    exchange->hall->site.body_bytes -= exchange->room;
    exchange->bytes = NULL;
    exchange->room = exchange->size = 0;
    if (info == NULL || response->body == NULL)
        return;
    length =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                 "Connection: close\r\n%s\r\n",
                 response->status, ic_response_phrase(response->status), response->type,
                 response->size, response->status == 503 ? "Retry-After: 1\r\n" : "");
    if (send(info->connect_fd, head, (size_t)length, MSG_NOSIGNAL | MSG_MORE) == length)
        send(info->connect_fd, response->body, response->size, MSG_NOSIGNAL);
    shutdown(info->connect_fd, SHUT_WR);
    ic_exchange_allow(exchange, LAST_SECONDS);
}

void ic_exchange_log(struct ic_exchange *exchange, double seconds, size_t pictures)
{
    const struct ic_server_options *options = &exchange->hall->options;
    const union MHD_ConnectionInfo *info = ic_mhd.get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct ic_response *response = &exchange->response;
    char client[64] = "-";

    if (info != NULL && info->client_addr != NULL) {
        const bool six = info->client_addr->sa_family == AF_INET6;

        getnameinfo(info->client_addr,
                    six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
                    client, sizeof client, NULL, 0, NI_NUMERICHOST);
    }
    options->log(options->context, &(struct ic_access){
                                       .client = client,
                                       .method = exchange->method,
                                       .path = exchange->path ? exchange->path : "-",
                                       .status = response->status,
                                       .request_bytes = exchange->received,
                                       .answer_bytes = response->size,
                                       .pictures = pictures,
                                       .seconds = seconds,
                                   });
}
