/* SPDX-License-Identifier: MIT */
/*
 * A ring of batches (loader_ring.h) that worker threads fill, picture by picture, while
 * the batch in front of it is computed.
 *
 * The pictures that the loader reads in an epoch form one line: its part of the first
 * batch, then of the second, and so on. A worker takes the next picture of the line as
 * soon as the picture's batch has a place in the ring, so all workers share even a
 * single batch, and none waits for another. One mutex guards all state but the pixels
 * of a picture that a worker has taken. A batch is handed out when its last picture is
 * done.
 *
 * A failure is kept with its batch and with its picture's position in the batch, so
 * that the failure that is reported does not depend on which worker was first.
 */
#include "data/loader.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "data/loader_ring.h"
#include "data/workers.h"

struct ic_loader {
    struct ic_loader_options options;
    struct ic_loader_ring ring;

    pthread_mutex_t mutex; /* guards what follows, and the ring's batches */
    pthread_cond_t room;   /* a batch has left the ring, or the end has come */
    pthread_cond_t done;   /* a batch is complete */
    size_t next_picture;   /* in the line: the first that nobody took */
    size_t next_batch;     /* the first that was not handed out */
    size_t first_in_ring;  /* the batch that the caller holds, or next_batch */
    bool stop;
    struct ic_workers workers;
};

size_t ic_loader_picture_bytes(int size)
{
    return IC_LOADER_RING *
           ((size_t)size * (size_t)size * 3 + 8); /* and label and sample */
}

size_t ic_loader_batches(size_t sample_count, int batch, bool train)
{
    return sample_count / (size_t)batch + (!train && sample_count % (size_t)batch != 0);
}

/* --- workers: one picture --------------------------------------------------------- */

/* Writes the square picture of a place of the epoch to `out`; on failure the error has
 * its status. */
static void load_picture(const struct ic_loader *loader, size_t place, uint8_t *out,
                         struct ic_error *error)
{
    const struct ic_loader_options *const options = &loader->options;
    const uint32_t sample = loader->ring.order.samples[place];
    const uint32_t view = loader->ring.order.views[place];
    const struct ic_frame frame = {options->size, options->presize, options->fit,
                                   options->upright};
    struct ic_augmentation choice;

    if (options->train || options->random_views)
        ic_augment_draw(&choice, &frame, options->augment, &options->parts,
                        options->seed, options->epoch,
                        sample + view * (uint32_t)options->dataset->count);
    else
        ic_augment_none(&choice, &frame);
    ic_square_load(out, options->dataset, sample, options->decode, &frame, &choice,
                   error);
}

/* --- workers: the line ------------------------------------------------------------ */

/* Waits until the next picture of the line has a place in the ring and takes it; false
 * when there is nothing left to do. The caller holds the mutex. */
static bool take_picture(struct ic_loader *loader, size_t *picture)
{
    const struct ic_loader_ring *ring = &loader->ring;

    while (!loader->stop && loader->next_picture < ring->line &&
           loader->next_picture / ring->own >= loader->first_in_ring + IC_LOADER_RING)
        pthread_cond_wait(&loader->room, &loader->mutex);
    if (loader->stop || loader->next_picture >= ring->line)
        return false;
    *picture = loader->next_picture++;
    return true;
}

/* Notes that a picture is done; the caller holds the mutex. */
static void finish_picture(struct ic_loader *loader, struct ic_loader_ring_batch *entry,
                           int place)
{
    if (entry->errors[place].status != IC_OK && place < entry->failed)
        entry->failed = place;
    if (--entry->unfinished == 0)
        pthread_cond_signal(&loader->done);
}

static void *load_some(void *context)
{
    struct ic_loader *loader = context;
    const size_t own = loader->ring.own;
    size_t picture;

    ic_workers_stand_back();
    pthread_mutex_lock(&loader->mutex);
    while (take_picture(loader, &picture)) {
        struct ic_loader_ring_batch *entry =
            &loader->ring.batches[picture / own % IC_LOADER_RING];
        const struct ic_batch *batch = &entry->batch;
        const size_t place = picture % own;

        pthread_mutex_unlock(&loader->mutex);
        entry->errors[place].status = IC_OK;
        if (!loader->options.labels_only)
            load_picture(loader,
                         picture / own * (size_t)loader->options.batch +
                             (size_t)batch->first + place,
                         batch->rgb + place * loader->ring.picture_bytes,
                         &entry->errors[place]);
        pthread_mutex_lock(&loader->mutex);
        finish_picture(loader, entry, (int)place);
    }
    pthread_mutex_unlock(&loader->mutex);
    return NULL;
}

/* --- opening ---------------------------------------------------------------------- */

/* Enters the epoch at options.first_batch. */
static void set_start(struct ic_loader *loader)
{
    const size_t first = loader->options.first_batch, all = loader->ring.batch_count;

    loader->next_batch = first < all ? first : all;
    loader->first_in_ring = loader->next_batch;
    loader->next_picture = loader->next_batch * loader->ring.own;
    for (size_t i = 0; i < IC_LOADER_RING; i++)
        ic_loader_ring_expect(&loader->ring, &loader->options,
                              loader->first_in_ring + i);
}

ic_status ic_loader_open(const struct ic_loader_options *options,
                         struct ic_loader **ret_loader, struct ic_error *error)
{
    struct ic_loader *loader = calloc(1, sizeof *loader);
    ic_status status;

    assert(options->batch >= 1 && options->size >= 1 && options->workers >= 1);
    assert(options->sample_count <= UINT32_MAX);
    assert(options->part_count == 0
               ? options->part_first == 0
               : options->train && options->on_unreadable == NULL &&
                     options->part_first >= 0 && options->part_count > 0 &&
                     options->part_count <= options->batch - options->part_first);
    *ret_loader = NULL;
    if (loader == NULL)
        return ic_fail_memory(error, "a loader", sizeof *loader);
    loader->options = *options;
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->room, NULL);
    pthread_cond_init(&loader->done, NULL);
    status = ic_loader_ring_open(&loader->ring, options, error);
    if (status == IC_OK) {
        set_start(loader);
        status = ic_workers_start(&loader->workers, options->workers, load_some, loader,
                                  error);
    }
    if (status == IC_OK)
        *ret_loader = loader;
    else
        ic_loader_close(loader);
    return status;
}

/* --- the caller's side --------------------------------------------------------- */

/* Waits for the next batch, failed pictures and all; NULL at the end. */
static ic_status wait_for_batch(struct ic_loader *loader,
                                struct ic_loader_ring_batch **ret_entry,
                                struct ic_error *error)
{
    struct ic_loader_ring_batch *entry =
        &loader->ring.batches[loader->next_batch % IC_LOADER_RING];
    ic_status status = IC_OK;

    *ret_entry = NULL;
    pthread_mutex_lock(&loader->mutex);
    if (loader->first_in_ring < loader->next_batch) { /* the caller is done with it */
        ic_loader_ring_expect(&loader->ring, &loader->options,
                              loader->first_in_ring + IC_LOADER_RING);
        loader->first_in_ring++;
        pthread_cond_broadcast(&loader->room);
    }
    if (loader->next_batch < loader->ring.batch_count) {
        while (entry->unfinished > 0)
            pthread_cond_wait(&loader->done, &loader->mutex);
        if (entry->failed < entry->batch.own && loader->options.on_unreadable == NULL) {
            /* The batch is not handed out: asking again gives the same answer. */
            const struct ic_error *first = &entry->errors[entry->failed];

            status = ic_fail(error, first->status, "%s", first->message);
        } else {
            *ret_entry = entry;
            loader->next_batch++;
        }
    }
    pthread_mutex_unlock(&loader->mutex);
    return status;
}

/* Reports the pictures of a batch that failed, and closes the gaps that they leave. */
static void leave_out(const struct ic_loader *loader,
                      struct ic_loader_ring_batch *entry)
{
    struct ic_batch *batch = &entry->batch;
    const size_t bytes = loader->ring.picture_bytes;
    int kept = 0;

    for (int i = 0; i < batch->count; i++) {
        if (entry->errors[i].status != IC_OK) {
            loader->options.on_unreadable(loader->options.context, batch->samples[i],
                                          &entry->errors[i]);
            continue;
        }
        if (kept < i) {
            memcpy(batch->rgb + (size_t)kept * bytes, batch->rgb + (size_t)i * bytes,
                   bytes);
            batch->labels[kept] = batch->labels[i];
            batch->samples[kept] = batch->samples[i];
        }
        kept++;
    }
    batch->count = kept;
    batch->own = kept;
}

ic_status ic_loader_next(struct ic_loader *loader, const struct ic_batch **ret_batch,
                         struct ic_error *error)
{
    static const struct ic_batch end = {0};
    struct ic_loader_ring_batch *entry;
    ic_status status;

    do {
        status = wait_for_batch(loader, &entry, error);
        if (entry != NULL && entry->failed < entry->batch.own)
            leave_out(loader, entry);
    } while (entry != NULL && entry->batch.count == 0);
    *ret_batch = entry != NULL ? &entry->batch : &end;
    return status;
}

void ic_loader_close(struct ic_loader *loader)
{
    if (loader == NULL)
        return;
    pthread_mutex_lock(&loader->mutex);
    loader->stop = true;
    pthread_cond_broadcast(&loader->room);
    pthread_mutex_unlock(&loader->mutex);
    ic_workers_join(&loader->workers);
    pthread_cond_destroy(&loader->room);
    pthread_cond_destroy(&loader->done);
    pthread_mutex_destroy(&loader->mutex);
    ic_loader_ring_free(&loader->ring);
    free(loader);
}
