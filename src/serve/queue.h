/* SPDX-License-Identifier: MIT */
/*
 * The bounded queue of pictures between those who receive requests and the workers that
 * score, who take what waits together as one batch.
 */
#ifndef IC_SERVE_QUEUE_H
#define IC_SERVE_QUEUE_H

#include <stdbool.h>

#include "serve/served.h"
#include "serve/upload.h"

/* The pictures of one request on their way through the queue. Who puts it in fills the
 * first part, and the memory is the caller's until `done` is called. */
struct ic_scoring {
    struct ic_uploads uploads;   /* at least one */
    struct ic_served *served;    /* the model that scores all of them */
    float *logits;               /* uploads.count x classes */
    void (*done)(void *context); /* by the worker that has scored the last picture */
    void *context;

    struct ic_error
        *errors;        /* uploads.count, all zero at first: why one has no logits */
    atomic_size_t left; /* pictures that are not scored yet */
    double since;       /* when they came, by ic_machine_seconds */
};

/* One picture in the queue. */
struct ic_ticket {
    struct ic_scoring *scoring;
    size_t index; /* in its uploads */
};

struct ic_queue;

struct ic_queue_options {
    size_t room;  /* pictures that may wait */
    int batch;    /* at most so many are taken at once */
    double delay; /* seconds that the first waits for others; 0: it does not */
};

ic_status ic_queue_open(const struct ic_queue_options *options,
                        struct ic_queue **ret_queue, struct ic_error *error);
void ic_queue_free(struct ic_queue *queue); /* NULL is fine */

/* Puts all pictures in, or none: false where there is no room for them, or the queue
 * is closed. */
bool ic_queue_put(struct ic_queue *queue, struct ic_scoring *scoring);

/* Waits for pictures and takes the first ones, all of the same model; those who wait
 * for pictures at the same time share what is there. Returns how many, up to
 * options.batch, or 0 when the queue is closed and empty. */
int ic_queue_take(struct ic_queue *queue, struct ic_ticket *tickets);

/* From now on nothing comes in. Who waits in ic_queue_take gets the rest, then 0. */
void ic_queue_close(struct ic_queue *queue);

/* Pictures that wait now. */
size_t ic_queue_count(struct ic_queue *queue);

#endif
