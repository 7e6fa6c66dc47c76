/* SPDX-License-Identifier: MIT */
/*
 * The bounded queue of pictures between the threads that receive requests and the
 * workers, which score waiting pictures together as one batch.
 */
#ifndef IC_SERVE_QUEUE_H
#define IC_SERVE_QUEUE_H

#include <stdbool.h>

#include "serve/served.h"
#include "serve/upload.h"

/* The pictures of one request on their way through the queue. The caller fills the
 * first part, and owns the memory until `done` is called. */
struct ic_scoring {
    struct ic_uploads uploads;   /* at least one */
    struct ic_served *served;    /* the model that scores all of them */
    float *logits;               /* uploads.count x classes */
    void (*done)(void *context); /* by the worker that scores the last picture */
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
    int batch;    /* most pictures that are taken at once */
    double delay; /* seconds that the first waits for others; 0: none */
};

ic_status ic_queue_open(const struct ic_queue_options *options,
                        struct ic_queue **ret_queue, struct ic_error *error);
void ic_queue_free(struct ic_queue *queue); /* NULL is fine */

/* Puts all pictures in, or none: false where there is no room, or the queue is closed.
 */
bool ic_queue_put(struct ic_queue *queue, struct ic_scoring *scoring);

/* Waits for pictures and takes the first ones, all for the same model. Workers that
 * wait at the same time share the pictures. Returns their number, up to options.batch,
 * or 0 when the queue is closed and empty. */
int ic_queue_take(struct ic_queue *queue, struct ic_ticket *tickets);

/* Closes the queue to new pictures. Waiting workers get the rest, then 0. */
void ic_queue_close(struct ic_queue *queue);

/* The number of pictures that wait now. */
size_t ic_queue_count(struct ic_queue *queue);

#endif
