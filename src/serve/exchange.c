/*
 * The life of a request. See exchange.h.
 *
 *     begin      its head is there: the route is found, or a refusal
 *     receive    some of its body: kept, or passed over if it was refused
 *     dispatch   all of it is there: a page is answered; pictures go into the queue,
 * and the connection sleeps respond    the last picture is scored, the connection is
 * awake: the answer done       the answer is out, or the client is gone
 *
 * All but the waking runs in the library's threads. The library takes an answer before
 * a body or behind it, and closes a connection whose body it did not read, so that a
 * client which is still sending meets a reset and not the answer. So a request whose
 * body is too large gets its answer written to its socket here; what it still sends is
 * passed over for some seconds, and its connection ends.
 */
#include "serve/exchange.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/machine.h"
#include "serve/routes.h"

enum {
    RETRY_LOADING = 1, /* seconds */
    RETRY_FULL = 1,
    FIRST_ROOM = 1 << 14, /* bytes for a body of unknown length */
    LAST_SECONDS = 3,     /* for a client to read a refusal in the middle of its body */
};

struct exchange {
    struct ic_hall *hall;
    struct MHD_Connection *connection;
    const struct ic_route *route; /* NULL: refused */
    double begin;
    char *path; /* for the log; NULL: there is none */
    char method[16];
    uint8_t *bytes;              /* the body so far */
    size_t size, room, expected; /* expected: Content-Length, or the limit */
    size_t received;             /* with what was passed over */
    bool cut;                    /* the answer was given in the middle of the body */
    bool scored;                 /* all pictures are */
    struct ic_request request;
    struct ic_response response;
};

static struct ic_connection *deadline_of(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info = ic_mhd.get_connection_info(
        exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static void allow_seconds(struct exchange *exchange, double seconds)
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

/* Hands exchange->response to the library. */
static enum MHD_Result respond(struct exchange *exchange)
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
            response->body = NULL; /* the response's */
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
    allow_seconds(exchange, exchange->hall->options.timeout);
    result =
        ic_mhd.queue_response(exchange->connection, (unsigned)response->status, out);
    ic_mhd.destroy_response(out);
    return result;
}

static void refuse_loading(struct exchange *exchange)
{
    ic_response_error(&exchange->response, 503, "the model is being loaded");
    exchange->response.retry_after = RETRY_LOADING;
}

/* --- receiving ----------------------------------------------------------------- */

/* Answers at once, in the middle of the body, and ends what the server sends. */
static void cut_short(struct exchange *exchange)
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
    allow_seconds(exchange, LAST_SECONDS);
}

static void refuse_size(struct exchange *exchange)
{
    ic_response_error(
        &exchange->response, 413,
        "the body of the request has more than %zu bytes, which is the most "
        "(--max-body)",
        exchange->hall->options.max_body);
}

/* Room for so many bytes of the body, within what all bodies may take. */
static bool make_room(struct exchange *exchange, size_t size)
{
    struct ic_hall *hall = exchange->hall;
    size_t room = exchange->room ? 2 * exchange->room : FIRST_ROOM, grown;
    uint8_t *bytes;

    if (size <= exchange->room)
        return true;
    if (room > exchange->expected)
        room = exchange->expected;
    if (room < size)
        room = size;
    grown = room - exchange->room;
    if (atomic_fetch_add(&hall->site.body_bytes, grown) + grown >
            hall->options.max_bodies ||
        (bytes = realloc(exchange->bytes, room)) == NULL) {
        hall->site.body_bytes -= grown;
        ic_response_error(&exchange->response, 503,
                          "the server has as many requests in memory as it may hold");
        return false;
    }
    exchange->bytes = bytes;
    exchange->room = room;
    return true;
}

static void receive(struct exchange *exchange, const char *data, size_t size)
{
    exchange->received += size;
    if (exchange->cut)
        return;
    if (exchange->received > exchange->hall->options.max_body) {
        refuse_size(exchange);
        cut_short(exchange);
    } else if (exchange->route == NULL || exchange->route->protocol == NULL) {
        return; /* nobody reads it */
    } else if (make_room(exchange, exchange->received)) {
        memcpy(exchange->bytes + exchange->size, data, size);
        exchange->size += size;
    } else {
        cut_short(exchange);
    }
}

static enum MHD_Result begin(struct ic_hall *hall, struct MHD_Connection *connection,
                             const char *path, const char *method, void **state)
{
    const char *length =
        ic_mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    struct exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL)
        return MHD_NO;
    *state = exchange;
    hall->site.requests++;
    exchange->hall = hall;
    exchange->connection = connection;
    exchange->begin = ic_machine_seconds();
    exchange->request.model_name = hall->options.model_name;
    exchange->request.scoring.uploads.limit = hall->site.max_pictures;
    exchange->expected = hall->options.max_body;
    snprintf(exchange->method, sizeof exchange->method, "%s", method);
    if (hall->options.log != NULL)
        exchange->path = strdup(path);
    allow_seconds(exchange, hall->options.timeout);
    exchange->route = ic_route_find(path, method, &hall->site, &exchange->response);
    if (length != NULL) {
        const unsigned long long expected = strtoull(length, NULL, 10);

        if (expected > hall->options.max_body) {
            refuse_size(exchange);
            cut_short(exchange);
            return MHD_YES;
        }
        exchange->expected = (size_t)expected;
    }
    return MHD_YES;
}

/* --- scoring ------------------------------------------------------------------- */

/* A worker has scored the last picture. */
static void wake(void *context)
{
    struct exchange *exchange = context;

    exchange->scored = true;
    ic_mhd.resume_connection(exchange->connection);
}

/* Finds the pictures in the body and a model for them; false, and the response is
 * there, where that fails. */
static bool prepare(struct exchange *exchange)
{
    struct ic_request *request = &exchange->request;
    struct ic_scoring *scoring = &request->scoring;
    struct ic_error error = {.message = ""};
    struct ic_body body = {
        .bytes = exchange->bytes,
        .size = exchange->size,
        .type = ic_mhd.lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                               "Content-Type"),
        .json_length = ic_mhd.lookup_connection_value(
            exchange->connection, MHD_HEADER_KIND, "Inference-Header-Content-Length"),
    };
    size_t classes;
    ic_status status;

    scoring->served = ic_service_model(exchange->hall->site.service);
    if (scoring->served == NULL) {
        refuse_loading(exchange);
        return false;
    }
    status = exchange->route->protocol->read(request, &body, &error);
    if (status != IC_OK) {
        ic_response_error(&exchange->response, status == IC_ERR_LIMIT ? 413 : 400, "%s",
                          error.message);
        return false;
    }
    classes = (size_t)ic_classifier_model(scoring->served->classifier)->class_count;
    scoring->logits = calloc(scoring->uploads.count, classes * sizeof(float));
    scoring->errors = calloc(scoring->uploads.count, sizeof *scoring->errors);
    scoring->done = wake;
    scoring->context = exchange;
    if (scoring->logits == NULL || scoring->errors == NULL) {
        ic_response_error(&exchange->response, 503, "the server has no memory left");
        return false;
    }
    return true;
}

static enum MHD_Result dispatch(struct exchange *exchange)
{
    struct ic_hall *hall = exchange->hall;

    if (exchange->cut)
        return MHD_NO;
    if (exchange->response.status != 0) /* refused before */
        return respond(exchange);
    if (exchange->route->tell != NULL) {
        exchange->route->tell(&exchange->response, &hall->site);
        return respond(exchange);
    }
    if (!prepare(exchange))
        return respond(exchange);
    allow_seconds(exchange, 0);
    ic_mhd.suspend_connection(exchange->connection);
    if (!ic_service_score(hall->site.service, &exchange->request.scoring)) {
        ic_response_error(&exchange->response, 503,
                          "too many pictures wait already (--queue)");
        exchange->response.retry_after = RETRY_FULL;
        ic_mhd.resume_connection(exchange->connection);
    }
    return MHD_YES;
}

/* The answer of a request whose pictures are scored: that of the first that could not
 * be. */
static enum MHD_Result answer(struct exchange *exchange)
{
    const struct ic_scoring *scoring = &exchange->request.scoring;

    for (size_t i = 0; i < scoring->uploads.count; i++) {
        const struct ic_error *error = &scoring->errors[i];

        if (error->status == IC_OK)
            continue;
        ic_response_error(
            &exchange->response,
            error->status == IC_ERR_FORMAT || error->status == IC_ERR_LIMIT ? 400 : 500,
            "%s", error->message);
        return respond(exchange);
    }
    exchange->route->protocol->answer(&exchange->response, &exchange->request);
    return respond(exchange);
}

enum MHD_Result ic_exchange_handle(void *hall, struct MHD_Connection *connection,
                                   const char *path, const char *method,
                                   const char *version, const char *data, size_t *size,
                                   void **state)
{
    struct exchange *exchange = *state;

    (void)version;
    if (exchange == NULL)
        return begin(hall, connection, path, method, state);
    if (*size > 0) {
        receive(exchange, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return exchange->scored ? answer(exchange) : dispatch(exchange);
}

/* --- the end ------------------------------------------------------------------- */

static void log_access(struct exchange *exchange, double seconds, size_t pictures)
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

void ic_exchange_done(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
    struct ic_hall *hall = context;
    struct exchange *exchange = *state;
    struct ic_scoring *scoring;
    size_t pictures;
    double seconds;

    (void)connection;
    (void)why;
    if (exchange == NULL)
        return;
    *state = NULL;
    scoring = &exchange->request.scoring;
    seconds = ic_machine_seconds() - exchange->begin;
    pictures = exchange->response.status == 200 ? scoring->uploads.count : 0;
    ic_metrics_request(hall->site.metrics,
                       exchange->route != NULL ? exchange->route->label : "none",
                       exchange->response.status, seconds, pictures);
    if (hall->options.log != NULL)
        log_access(exchange, seconds, pictures);
    allow_seconds(exchange, hall->options.timeout);
    hall->site.body_bytes -= exchange->room;
    ic_served_leave(scoring->served);
    ic_uploads_free(&scoring->uploads);
    free(scoring->logits);
    free(scoring->errors);
    free(exchange->bytes);
    free(exchange->path);
    ic_response_free(&exchange->response);
    free(exchange);
    hall->site.requests--;
}
