/* SPDX-License-Identifier: MIT */
/*
 * Loads batches ahead of the computation with worker threads.
 *
 * What batch k holds is a function of (samples, seed, epoch, k) alone: workers take
 * whole pictures, each draws its random numbers from the stream of (seed, epoch,
 * sample), and batches are handed out in order. So any number of workers gives the same
 * bytes, an epoch can be entered at any batch, and a loader of a part of each batch
 * gives the bytes that this part has in the whole one.
 *
 * The order of a training epoch is a permutation by the stream (seed,
 * IC_RANDOM_SHUFFLE, epoch, 0); see epoch_order.h. A picture's crop and augmentation
 * are drawn from the stream (seed, IC_RANDOM_AUGMENT, epoch, sample); see augment.h.
 * Each time a picture comes again in the epoch, the number of pictures in the data set
 * is added to `sample`.
 */
#ifndef IC_DATA_LOADER_H
#define IC_DATA_LOADER_H

#include "data/augment.h"
#include "data/dataset.h"
#include "data/square.h"

struct ic_loader_options {
    const struct ic_dataset *dataset; /* outlives the loader */
    const uint32_t *samples;          /* indices; outlive the loader */
    size_t sample_count;
    int batch, size; /* pictures per batch; side of the square, in pixels */
    int presize;     /* side of the square before it; 0: none */
    enum ic_fit fit;
    bool upright; /* JPEGs are turned as their EXIF orientation says */
    enum ic_decode decode;
    bool train;        /* shuffles, draws, drops the last short batch */
    bool labels_only;  /* reads no pictures: batches hold labels and samples alone */
    bool random_views; /* draws crop and augmentation without the rest of `train` */
    enum ic_augment augment; /* of pictures with random views; its parts */
    struct ic_augment_parts parts;
    bool balanced; /* `train` takes each class equally often (epoch_order.h) */
    uint64_t seed;
    uint32_t epoch;
    size_t first_batch; /* where to enter the epoch */
    int workers;        /* at least 1 */

    /* The part of each batch that is loaded: `part_count` pictures from number
     * `part_first` on. Both 0: all. A part needs `train`, where every batch is whole,
     * and no on_unreadable. */
    int part_first, part_count;

    /* Called by ic_loader_next for each picture that cannot be read, in order. The
     * batch then has one picture less. NULL: such a picture fails its batch. */
    void (*on_unreadable)(void *context, uint32_t sample, const struct ic_error *error);
    void *context;
};

struct ic_batch {
    uint8_t *rgb;      /* own, size, size, 3; nothing with labels_only */
    int32_t *labels;   /* count */
    uint32_t *samples; /* count: indices in the data set */
    int count;
    int first, own; /* rgb has the pictures first .. first + own - 1 of the count */
};

struct ic_loader;

/* Bytes that a loader's ring takes for each picture of a batch, as a square of side
 * `size`. */
size_t ic_loader_picture_bytes(int size);

/* Batches in an epoch of `sample_count` pictures. */
size_t ic_loader_batches(size_t sample_count, int batch, bool train);

ic_status ic_loader_open(const struct ic_loader_options *options,
                         struct ic_loader **ret_loader, struct ic_error *error);

/* The next batch, valid until the following call; count 0 at the end. A picture that
 * can no longer be read, or has changed since it was checked, fails with its name when
 * its batch is due (the first such picture of the batch), and every later call fails
 * the same way, unless options.on_unreadable takes the picture. Pictures outside the
 * loader's part are not looked at. Only one thread may call this. */
ic_status ic_loader_next(struct ic_loader *loader, const struct ic_batch **ret_batch,
                         struct ic_error *error);

/* Stops the workers and frees everything; NULL is fine. */
void ic_loader_close(struct ic_loader *loader);

#endif
