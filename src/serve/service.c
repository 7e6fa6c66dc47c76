/* SPDX-License-Identifier: MIT */
/*
 * The workers, and which model they score with. See service.h.
 *
 * A worker decodes the pictures of its batch itself, then computes them: with one
 * worker per core, one decodes while another computes, and nothing has to be handed
 * over. A picture that cannot be decoded leaves its batch one shorter.
 */
#include "serve/service.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"

struct worker {
    struct ic_service *service;
    pthread_t thread;
    int number;                /* its scorer's */
    struct ic_ticket *tickets; /* a batch */
    struct ic_ticket *decoded; /* the tickets whose pictures are in the scorer */
    float *logits;             /* a batch's, of the model that it last scored with */
    size_t logits_room;
};

struct ic_service {
    struct ic_service_options options;
    struct ic_metrics *metrics;
    struct ic_queue *queue;
    struct worker *workers;
    int started;
    pthread_mutex_t lock;
    struct ic_served *served; /* under the lock */
};

/* --- a batch ------------------------------------------------------------------- */

/* Counts a picture as scored. The last one ends the scoring, whose memory may then be
 * gone. */
static void finish(const struct ic_ticket *ticket)
{
    struct ic_scoring *scoring = ticket->scoring;

    if (atomic_fetch_sub(&scoring->left, 1) == 1)
        scoring->done(scoring->context);
}

static ic_status set_picture(struct ic_scorer *scorer, int at, enum ic_decode decode,
                             const struct ic_ticket *ticket)
{
    const struct ic_uploads *uploads = &ticket->scoring->uploads;
    const struct ic_upload *upload = &uploads->items[ticket->index];
    struct ic_error *error = &ticket->scoring->errors[ticket->index];
    char name[IC_UPLOAD_NAME];

    ic_upload_name(uploads, ticket->index, name);
    if (upload->height > 0)
        return ic_scorer_set_pixels(scorer, at, upload->bytes,
                                    (unsigned long)upload->width,
                                    (unsigned long)upload->height, name, error);
    return ic_scorer_set_bytes(scorer, at, upload->bytes, upload->size, name, decode,
                               error);
}

static bool room_for_logits(struct worker *worker, size_t floats)
{
    if (floats > worker->logits_room) {
        float *logits = realloc(worker->logits, floats * sizeof *logits);

        if (logits == NULL)
            return false;
        worker->logits = logits;
        worker->logits_room = floats;
    }
    return true;
}

/* Copies a picture's logits to its request, or the reason why there are none. When a
 * batch failed because an output is not finite, its other pictures are still good. */
static void deliver(const struct ic_ticket *ticket, const float *logits, size_t classes,
                    ic_status status, const struct ic_error *batch_error)
{
    struct ic_scoring *scoring = ticket->scoring;
    struct ic_error *error = &scoring->errors[ticket->index];
    bool finite = true;
    char name[IC_UPLOAD_NAME];

    for (size_t i = 0; i < classes && status == IC_ERR_NUMERIC; i++)
        finite = finite && isfinite(logits[i]);
    if (status == IC_OK || (status == IC_ERR_NUMERIC && finite))
        memcpy(scoring->logits + ticket->index * classes, logits,
               classes * sizeof *logits);
    else if (status == IC_ERR_NUMERIC)
        ic_fail(error, status, "the network's output for %s is not finite",
                ic_upload_name(&scoring->uploads, ticket->index, name));
    else
        *error = *batch_error;
}

static void score_batch(struct worker *worker, int count)
{
    struct ic_service *service = worker->service;
    struct ic_served *served = ic_served_use(worker->tickets[0].scoring->served);
    struct ic_scorer *scorer = served->scorers[worker->number];
    const size_t classes = (size_t)ic_classifier_model(served->classifier)->class_count;
    const double begin = ic_machine_seconds();
    struct ic_error error = {.message = ""};
    ic_status status = IC_OK;
    int set = 0;

    for (int i = 0; i < count; i++) {
        const struct ic_ticket ticket = worker->tickets[i];

        if (set_picture(scorer, set, service->options.decode, &ticket) == IC_OK)
            worker->decoded[set++] = ticket;
        else
            finish(&ticket);
    }
    if (set > 0) {
        if (room_for_logits(worker, (size_t)set * classes))
            status = ic_scorer_run(scorer, set, worker->logits, &error);
        else
            status = ic_fail_memory(&error, "logits", (size_t)set * classes * 4);
        ic_metrics_batch(service->metrics, set, ic_machine_seconds() - begin);
    }
    for (int i = 0; i < set; i++) {
        deliver(&worker->decoded[i], worker->logits + (size_t)i * classes, classes,
                status, &error);
        finish(&worker->decoded[i]);
    }
    ic_served_leave(served);
}

static void *work(void *context)
{
    struct worker *worker = context;
    int count;

    while ((count = ic_queue_take(worker->service->queue, worker->tickets)) > 0)
        score_batch(worker, count);
    return NULL;
}

/* --- opening and closing ------------------------------------------------------- */

static ic_status start_worker(struct ic_service *service, struct ic_error *error)
{
    struct worker *worker = &service->workers[service->started];
    const size_t batch = (size_t)service->options.queue.batch;

    worker->service = service;
    worker->number = service->started;
    worker->tickets = calloc(batch, sizeof *worker->tickets);
    worker->decoded = calloc(batch, sizeof *worker->decoded);
    if (worker->tickets == NULL || worker->decoded == NULL)
        return ic_fail_memory(error, "a worker", 2 * batch * sizeof *worker->tickets);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0)
        return ic_fail(error, IC_ERR_LIMIT, "cannot start a worker thread");
    service->started++;
    return IC_OK;
}

ic_status ic_service_open(const struct ic_service_options *options,
                          struct ic_metrics *metrics, struct ic_service **ret_service,
                          struct ic_error *error)
{
    struct ic_service *service = calloc(1, sizeof *service);
    ic_status status;

    *ret_service = NULL;
    if (service == NULL)
        return ic_fail_memory(error, "the service", sizeof *service);
    service->options = *options;
    service->metrics = metrics;
    pthread_mutex_init(&service->lock, NULL);
    status = ic_queue_open(&options->queue, &service->queue, error);
    if (status == IC_OK) {
        service->workers = calloc((size_t)options->workers, sizeof *service->workers);
        if (service->workers == NULL)
            status = ic_fail_memory(error, "workers", sizeof *service->workers);
    }
    while (status == IC_OK && service->started < options->workers)
        status = start_worker(service, error);
    if (status == IC_OK)
        *ret_service = service;
    else
        ic_service_close(service);
    return status;
}

void ic_service_close(struct ic_service *service)
{
    if (service == NULL)
        return;
    if (service->queue != NULL)
        ic_queue_close(service->queue);
    for (int i = 0; i < service->started; i++)
        pthread_join(service->workers[i].thread, NULL);
    for (int i = 0; service->workers != NULL && i < service->options.workers; i++) {
        free(service->workers[i].tickets);
        free(service->workers[i].decoded);
        free(service->workers[i].logits);
    }
    free(service->workers);
    ic_queue_free(service->queue);
    ic_served_leave(service->served);
    pthread_mutex_destroy(&service->lock);
    free(service);
}

/* --- the model ----------------------------------------------------------------- */

ic_status ic_service_load(struct ic_service *service,
                          const struct ic_model_source *source, struct ic_error *error)
{
    const struct ic_service_options *options = &service->options;
    struct ic_served *served, *before;
    ic_status status = ic_served_open(source, &options->compute, options->queue.batch,
                                      options->workers, &served, error);

    ic_metrics_load(service->metrics, status == IC_OK);
    if (status != IC_OK)
        return status;
    pthread_mutex_lock(&service->lock);
    before = service->served;
    service->served = served;
    pthread_mutex_unlock(&service->lock);
    ic_served_leave(before);
    return IC_OK;
}

struct ic_served *ic_service_model(struct ic_service *service)
{
    struct ic_served *served;

    pthread_mutex_lock(&service->lock);
    served = service->served ? ic_served_use(service->served) : NULL;
    pthread_mutex_unlock(&service->lock);
    return served;
}

bool ic_service_score(struct ic_service *service, struct ic_scoring *scoring)
{
    scoring->left = scoring->uploads.count;
    return ic_queue_put(service->queue, scoring);
}

size_t ic_service_waiting(struct ic_service *service)
{
    return ic_queue_count(service->queue);
}
