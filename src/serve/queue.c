/* SPDX-License-Identifier: MIT */
/*
 * The queue of pictures: a ring behind one lock. See queue.h.
 *
 * A free worker takes its share of the waiting pictures: with two idle workers and
 * eight pictures, each takes four, so that no core sleeps while another has a long
 * batch. Under load all workers are busy and pictures gather, and the next free worker
 * takes a whole batch. So batches grow with the load, without a delay for a request
 * that the server has time for. With options.delay the first picture waits for others
 * even then.
 */
#include "serve/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/machine.h"

struct ic_queue {
    struct ic_queue_options options;
    pthread_mutex_t lock;
    pthread_cond_t filled;  /* pictures came, or the queue was closed */
    struct ic_ticket *ring; /* options.room */
    size_t first, count;
    int idle; /* threads that wait in ic_queue_take */
    bool closed;
};

ic_status ic_queue_open(const struct ic_queue_options *options,
                        struct ic_queue **ret_queue, struct ic_error *error)
{
    struct ic_queue *queue = calloc(1, sizeof *queue);
    pthread_condattr_t monotonic;

    *ret_queue = NULL;
    if (queue != NULL)
        queue->ring = calloc(options->room, sizeof *queue->ring);
    if (queue == NULL || queue->ring == NULL) {
        free(queue);
        return ic_fail_memory(error, "the queue of pictures",
                              options->room * sizeof *queue->ring);
    }
    queue->options = *options;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->filled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *ret_queue = queue;
    return IC_OK;
}

void ic_queue_free(struct ic_queue *queue)
{
    if (queue == NULL)
        return;
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue->ring);
    free(queue);
}

bool ic_queue_put(struct ic_queue *queue, struct ic_scoring *scoring)
{
    const size_t room = queue->options.room, pictures = scoring->uploads.count;
    bool fits;

    pthread_mutex_lock(&queue->lock);
    fits = !queue->closed && pictures <= room - queue->count;
    if (fits) {
        scoring->since = ic_machine_seconds();
        for (size_t i = 0; i < pictures; i++)
            queue->ring[(queue->first + queue->count++) % room] =
                (struct ic_ticket){scoring, i};
        pthread_cond_broadcast(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

/* --- taking a batch ------------------------------------------------------------ */

/* Counts the pictures at the front of the queue that wait for one model, at most
 * `most`.
 */
static size_t alike(const struct ic_queue *queue, size_t most)
{
    const struct ic_ticket *ring = queue->ring;
    const struct ic_served *served = ring[queue->first].scoring->served;
    size_t count = 1;

    while (count < most && count < queue->count &&
           ring[(queue->first + count) % queue->options.room].scoring->served == served)
        count++;
    return count;
}

/* Waits until the first picture has waited long enough, or a full batch is waiting. */
static void wait_for_others(struct ic_queue *queue)
{
    const size_t batch = (size_t)queue->options.batch;

    while (queue->count > 0 && queue->count < batch && !queue->closed) {
        const double end =
            queue->ring[queue->first].scoring->since + queue->options.delay;
        const struct timespec until = {.tv_sec = (time_t)end,
                                       .tv_nsec = (long)((end - (time_t)end) * 1e9)};

        if (ic_machine_seconds() >= end)
            return;
        pthread_cond_timedwait(&queue->filled, &queue->lock, &until);
    }
}

int ic_queue_take(struct ic_queue *queue, struct ic_ticket *tickets)
{
    size_t share, count = 0;

    pthread_mutex_lock(&queue->lock);
    queue->idle++;
    do {
        while (queue->count == 0 && !queue->closed)
            pthread_cond_wait(&queue->filled, &queue->lock);
        if (queue->options.delay > 0)
            wait_for_others(queue);
    } while (queue->count == 0 && !queue->closed);
    if (queue->count > 0) {
        share = (queue->count + (size_t)queue->idle - 1) / (size_t)queue->idle;
        if (share > (size_t)queue->options.batch || queue->options.delay > 0)
            share = (size_t)queue->options.batch;
        for (size_t taken = alike(queue, share); count < taken; count++) {
            tickets[count] = queue->ring[queue->first];
            queue->first = (queue->first + 1) % queue->options.room;
        }
        queue->count -= count;
    }
    queue->idle--;
    pthread_mutex_unlock(&queue->lock);
    return (int)count;
}

void ic_queue_close(struct ic_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

size_t ic_queue_count(struct ic_queue *queue)
{
    size_t count;

    pthread_mutex_lock(&queue->lock);
    count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}
