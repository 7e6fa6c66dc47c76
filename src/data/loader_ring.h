/* SPDX-License-Identifier: MIT */
/*
 * The ring of batches that a loader fills: its memory, and what each batch of the epoch
 * holds. loader.c decides who fills it, and when.
 */
#ifndef IC_DATA_LOADER_RING_H
#define IC_DATA_LOADER_RING_H

#include "data/epoch_order.h"
#include "data/loader.h"

/* One batch with the caller, two ahead: one is complete when the caller comes for it,
 * while the other evens out pictures of unequal size. */
enum { IC_LOADER_RING = 3 };

struct ic_loader_ring_batch {
    struct ic_batch batch;   /* its arrays are parts of the ring's */
    int unfinished;          /* own pictures that are not done */
    int failed;              /* place of the first that failed; batch.own: none */
    struct ic_error *errors; /* own; the status is IC_OK where the picture is good */
};

/* All zero is free. */
struct ic_loader_ring {
    struct ic_epoch_order order;
    size_t batch_count;   /* of the epoch */
    size_t own;           /* pictures of a whole batch that are loaded */
    size_t line;          /* pictures of the epoch that are loaded */
    size_t picture_bytes; /* of a square picture */
    uint8_t *rgb;         /* the memory of the batches */
    int32_t *labels;
    uint32_t *samples;
    struct ic_error *errors;

    /* The place of a batch is its number modulo IC_LOADER_RING. */
    struct ic_loader_ring_batch batches[IC_LOADER_RING];
};

/* Makes the epoch's order and allocates all memory, so that only decoding allocates
 * later. After a failure the ring can be freed. */
ic_status ic_loader_ring_open(struct ic_loader_ring *ring,
                              const struct ic_loader_options *options,
                              struct ic_error *error);

/* Prepares the place of batch `number`: sets its labels and samples, and marks its
 * pictures as unfinished. Past the epoch's last batch it does nothing. */
void ic_loader_ring_expect(struct ic_loader_ring *ring,
                           const struct ic_loader_options *options, size_t number);

void ic_loader_ring_free(struct ic_loader_ring *ring);

#endif
