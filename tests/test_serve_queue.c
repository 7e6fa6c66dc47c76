/* SPDX-License-Identifier: MIT */
/*
 * The queue between requests and workers. Requests go in whole or not at all, and come
 * out in order, as batches of one model, shared by the waiting workers.
 */
#include <pthread.h>

#include "base/machine.h"
#include "check.h"
#include "serve/queue.h"

enum { ROOM = 8, BATCH = 4 };

static struct ic_error error;

/* The queue only compares models, and never looks into them. */
static struct ic_served one, other;

static struct ic_queue *open_queue(double delay)
{
    const struct ic_queue_options options = {
        .room = ROOM, .batch = BATCH, .delay = delay};
    struct ic_queue *queue;

    CHECK_OK(ic_queue_open(&options, &queue, &error));
    if (queue == NULL)
        exit(99);
    return queue;
}

static struct ic_scoring scoring_of(size_t pictures, struct ic_served *served)
{
    return (struct ic_scoring){.uploads.count = pictures, .served = served};
}

/* Takes a batch, which must be the `count` pictures of `scoring` from `first` on. */
static void takes(struct ic_queue *queue, int count, const struct ic_scoring *scoring,
                  size_t first)
{
    struct ic_ticket tickets[BATCH];

    CHECK_INT(ic_queue_take(queue, tickets), count);
    for (int i = 0; i < count; i++) {
        CHECK(tickets[i].scoring == scoring);
        CHECK_INT(tickets[i].index, first + (size_t)i);
    }
}

static void order(void)
{
    struct ic_queue *queue = open_queue(0);
    struct ic_scoring six = scoring_of(6, &one), two = scoring_of(2, &other),
                      three = scoring_of(3, &one);

    for (int round = 0; round < 5; round++) { /* the ring wraps around */
        CHECK(ic_queue_put(queue, &six));
        CHECK(!ic_queue_put(queue, &three)); /* whole or not at all */
        CHECK_INT(ic_queue_count(queue), 6);
        CHECK(ic_queue_put(queue, &two));
        CHECK(!ic_queue_put(queue, &two));
        takes(queue, 4, &six, 0);
        takes(queue, 2, &six, 4); /* a batch has one model */
        CHECK(ic_queue_put(queue, &three));
        takes(queue, 2, &two, 0);
        takes(queue, 3, &three, 0);
        CHECK_INT(ic_queue_count(queue), 0);
    }
    ic_queue_free(queue);
    ic_queue_free(NULL);
}

static void closing(void)
{
    struct ic_queue *queue = open_queue(0);
    struct ic_scoring six = scoring_of(6, &one), single = scoring_of(1, &one);

    CHECK(ic_queue_put(queue, &six));
    ic_queue_close(queue);
    CHECK(!ic_queue_put(queue, &single)); /* for which there is room */
    takes(queue, 4, &six, 0);
    takes(queue, 2, &six, 4);
    takes(queue, 0, NULL, 0);
    ic_queue_free(queue);
}

/* --- several workers ----------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct ic_queue *queue;
    int taken;
};

static void *take_one(void *context)
{
    struct worker *worker = context;
    struct ic_ticket tickets[BATCH];

    worker->taken = ic_queue_take(worker->queue, tickets);
    return NULL;
}

static void nap(double seconds)
{
    const double end = ic_machine_seconds() + seconds;

    while (ic_machine_seconds() < end)
        sched_yield();
}

/* Two waiting workers share four pictures; one worker alone would get them all. */
static void sharing(void)
{
    struct ic_queue *queue = open_queue(0);
    struct ic_scoring four = scoring_of(4, &one);
    struct worker workers[2] = {{.queue = queue}, {.queue = queue}};

    for (int i = 0; i < 2; i++)
        if (pthread_create(&workers[i].thread, NULL, take_one, &workers[i]) != 0)
            exit(99);
    nap(0.2); /* both wait by then; else the second takes the rest */
    CHECK(ic_queue_put(queue, &four));
    for (int i = 0; i < 2; i++)
        pthread_join(workers[i].thread, NULL);
    CHECK_INT(workers[0].taken, 2);
    CHECK_INT(workers[1].taken, 2);
    ic_queue_free(queue);
}

/* With a delay, one picture waits for others until the delay is over or a batch is
 * full. */
static void delay(void)
{
    struct ic_queue *queue = open_queue(0.3);
    struct ic_scoring single = scoring_of(1, &one), four = scoring_of(4, &one),
                      three = scoring_of(3, &one);
    struct worker worker = {.queue = queue};
    double begin = ic_machine_seconds(), seconds;

    CHECK(ic_queue_put(queue, &single));
    takes(queue, 1, &single, 0);
    seconds = ic_machine_seconds() - begin;
    CHECK(seconds >= 0.29 && seconds < 5);

    begin = ic_machine_seconds();
    CHECK(ic_queue_put(queue, &four));
    takes(queue, 4, &four, 0);
    CHECK(ic_machine_seconds() - begin < 0.25);

    if (pthread_create(&worker.thread, NULL, take_one, &worker) != 0)
        exit(99);
    CHECK(ic_queue_put(queue, &single));
    nap(0.05);
    CHECK(ic_queue_put(queue, &three));
    pthread_join(worker.thread, NULL);
    CHECK_INT(worker.taken, 4);

    /* Closing ends the wait. */
    begin = ic_machine_seconds();
    CHECK(ic_queue_put(queue, &single));
    ic_queue_close(queue);
    takes(queue, 1, &single, 0);
    CHECK(ic_machine_seconds() - begin < 0.25);
    ic_queue_free(queue);
}

/* Two threads fill, two take: every picture comes out once. */
static atomic_size_t came_out;

static void *put_many(void *context)
{
    static struct ic_scoring threes[2];
    struct worker *worker = context;
    struct ic_scoring *three = &threes[worker->taken];

    *three = scoring_of(3, worker->taken ? &one : &other);
    for (int i = 0; i < 3000;)
        i += ic_queue_put(worker->queue, three);
    return NULL;
}

static void *take_many(void *context)
{
    struct worker *worker = context;
    struct ic_ticket tickets[BATCH];
    int count;

    while ((count = ic_queue_take(worker->queue, tickets)) > 0) {
        for (int i = 1; i < count; i++)
            worker->taken += tickets[i].scoring->served != tickets[0].scoring->served;
        came_out += (size_t)count;
    }
    return NULL;
}

static void crowd(void)
{
    struct ic_queue *queue = open_queue(0);
    struct worker workers[4];

    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){.queue = queue, .taken = i < 2 ? i : 0};
        if (pthread_create(&workers[i].thread, NULL, i < 2 ? put_many : take_many,
                           &workers[i]) != 0)
            exit(99);
    }
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            ic_queue_close(queue);
        pthread_join(workers[i].thread, NULL);
    }
    CHECK_INT(came_out, 2 * 3000 * 3);
    CHECK_INT(workers[2].taken + workers[3].taken, 0);
    ic_queue_free(queue);
}

int main(void)
{
    order();
    closing();
    sharing();
    delay();
    crowd();
    return check_result();
}
