/* SPDX-License-Identifier: MIT */
/*
 * The life of a request. See exchange.h.
 *
 *     begin      the head has arrived: the route is found, or the request refused
 *     receive    a piece of the body: kept, or skipped if the request was refused
 *     dispatch   the body is complete: a page is answered; pictures go into the queue,
 *                and the connection sleeps
 *     answer     the last picture is scored, the connection is awake
 *     done       the answer is out, or the client is gone
 *
 * All of these run in the library's threads; only the waking does not.
 */
#include "serve/exchange_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"

enum {
    RETRY_LOADING = 1, /* seconds */
    RETRY_FULL = 1,
    FIRST_ROOM = 1 << 14, /* bytes for a body of unknown length */
};

static void refuse_loading(struct ic_exchange *exchange)
{
    ic_response_error(&exchange->response, 503, "the model is being loaded");
    exchange->response.retry_after = RETRY_LOADING;
}

/* --- receiving ----------------------------------------------------------------- */

static void refuse_size(struct ic_exchange *exchange)
{
    ic_response_error(&exchange->response, 413,
                      "the request body exceeds the limit of %zu bytes (--max-body)",
                      exchange->hall->options.max_body);
}

/* Makes room for `size` bytes of the body, within the limit for all bodies. */
static bool make_room(struct ic_exchange *exchange, size_t size)
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
        ic_response_error(
            &exchange->response, 503,
            "the server's memory for request bodies is full (--max-bodies)");
        return false;
    }
    exchange->bytes = bytes;
    exchange->room = room;
    return true;
}

static void receive(struct ic_exchange *exchange, const char *data, size_t size)
{
    exchange->received += size;
    if (exchange->cut)
        return;
    if (exchange->received > exchange->hall->options.max_body) {
        refuse_size(exchange);
        ic_exchange_cut_short(exchange);
    } else if (exchange->route == NULL || exchange->route->protocol == NULL) {
        return; /* the body is skipped */
    } else if (make_room(exchange, exchange->received)) {
        memcpy(exchange->bytes + exchange->size, data, size);
        exchange->size += size;
    } else {
        ic_exchange_cut_short(exchange);
    }
}

static enum MHD_Result begin(struct ic_hall *hall, struct MHD_Connection *connection,
                             const char *path, const char *method, void **state)
{
    const char *length =
        ic_mhd.lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    struct ic_exchange *exchange = calloc(1, sizeof *exchange);

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
    ic_exchange_allow(exchange, hall->options.timeout);
    exchange->route = ic_route_find(path, method, &hall->site, &exchange->response);
    if (length != NULL) {
        const unsigned long long expected = strtoull(length, NULL, 10);

        if (expected > hall->options.max_body) {
            refuse_size(exchange);
            ic_exchange_cut_short(exchange);
            return MHD_YES;
        }
        exchange->expected = (size_t)expected;
    }
    return MHD_YES;
}

/* --- scoring ------------------------------------------------------------------- */

/* Wakes the connection when a worker has scored the last picture. */
static void wake(void *context)
{
    struct ic_exchange *exchange = context;

    exchange->scored = true;
    ic_mhd.resume_connection(exchange->connection);
}

/* Finds the pictures in the body and a model for them. False where that fails; the
 * response is then set. */
static bool prepare(struct ic_exchange *exchange)
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

static enum MHD_Result dispatch(struct ic_exchange *exchange)
{
    struct ic_hall *hall = exchange->hall;

    if (exchange->cut)
        return MHD_NO;
    if (exchange->response.status != 0) /* refused before */
        return ic_exchange_respond(exchange);
    if (exchange->route->tell != NULL) {
        exchange->route->tell(&exchange->response, &hall->site);
        return ic_exchange_respond(exchange);
    }
    if (!prepare(exchange))
        return ic_exchange_respond(exchange);
    ic_exchange_allow(exchange, 0);
    ic_mhd.suspend_connection(exchange->connection);
    if (!ic_service_score(hall->site.service, &exchange->request.scoring)) {
        ic_response_error(&exchange->response, 503,
                          "the queue is full: try again later (--queue)");
        exchange->response.retry_after = RETRY_FULL;
        ic_mhd.resume_connection(exchange->connection);
    }
    return MHD_YES;
}

/* Answers a request whose pictures are scored. The first picture that failed decides
 * the answer. */
static enum MHD_Result answer(struct ic_exchange *exchange)
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
        return ic_exchange_respond(exchange);
    }
    exchange->route->protocol->answer(&exchange->response, &exchange->request);
    return ic_exchange_respond(exchange);
}

enum MHD_Result ic_exchange_handle(void *hall, struct MHD_Connection *connection,
                                   const char *path, const char *method,
                                   const char *version, const char *data, size_t *size,
                                   void **state)
{
    struct ic_exchange *exchange = *state;

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

void ic_exchange_done(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode why)
{
    struct ic_hall *hall = context;
    struct ic_exchange *exchange = *state;
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
        ic_exchange_log(exchange, seconds, pictures);
    ic_exchange_allow(exchange, hall->options.timeout);
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
