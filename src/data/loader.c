/*
 * A ring of batches that worker threads fill, picture by picture, while the batch in
 * front of it is computed.
 *
 * The pictures of an epoch are one line, and a worker takes the next of the line as
 * soon as its batch has a place in the ring: so all workers share even a single batch,
 * and none waits for another. A batch's place is its number modulo the ring's size. All
 * state is guarded by one mutex, but for the pixels of a picture that a worker has
 * taken; a batch is handed out when its last picture is done.
 *
 * A failure stays with its batch and with the place of its picture in it, so that the
 * one that is reported does not depend on who was first.
 */
#include "data/loader.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/size.h"
#include "data/workers.h"

/* One batch with the caller, two ahead: one is complete when the caller comes for it,
 * while the other evens out pictures of unequal size. */
enum { RING = 3 };

struct ring_batch {
    struct ic_batch batch;   /* its arrays are parts of the loader's */
    int unfinished;          /* pictures that are not done */
    int failed;              /* place of the first that failed; batch.count: none */
    struct ic_error *errors; /* one a picture; the status is IC_OK where it is good */
};

struct ic_loader {
    struct ic_loader_options options;
    uint32_t *order;      /* the epoch's samples */
    size_t picture_count; /* of the epoch, without a short batch that is dropped */
    size_t batch_count;   /* of the epoch */
    size_t picture_bytes; /* of a square picture */
    uint8_t *rgb;         /* the memory of the ring's batches */
    int32_t *labels;
    uint32_t *samples;
    struct ic_error *errors;
    struct ring_batch ring[RING];

    pthread_mutex_t mutex; /* guards what follows, and the ring */
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
    return RING * ((size_t)size * (size_t)size * 3 + 8); /* and label and sample */
}

size_t ic_loader_batches(size_t sample_count, int batch, bool train)
{
    return sample_count / (size_t)batch + (!train && sample_count % (size_t)batch != 0);
}

/* --- workers: one picture --------------------------------------------------------- */

/* Writes a sample's square picture to `out`, as this epoch sees it; on failure the
 * error has its status. */
static void load_picture(const struct ic_loader_options *options, uint32_t sample,
                         uint8_t *out, struct ic_error *error)
{
    const struct ic_frame frame = {options->size, options->presize, options->fit};
    struct ic_augmentation choice;

    if (options->train || options->random_views)
        ic_augment_draw(&choice, &frame, options->augment, options->seed,
                        options->epoch, sample);
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
    const size_t batch = (size_t)loader->options.batch;

    while (!loader->stop && loader->next_picture < loader->picture_count &&
           loader->next_picture / batch >= loader->first_in_ring + RING)
        pthread_cond_wait(&loader->room, &loader->mutex);
    if (loader->stop || loader->next_picture >= loader->picture_count)
        return false;
    *picture = loader->next_picture++;
    return true;
}

/* Notes that a picture is done; the caller holds the mutex. */
static void finish_picture(struct ic_loader *loader, struct ring_batch *entry,
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
    const size_t batch = (size_t)loader->options.batch;
    size_t picture;

    ic_workers_stand_back();
    pthread_mutex_lock(&loader->mutex);
    while (take_picture(loader, &picture)) {
        struct ring_batch *entry = &loader->ring[picture / batch % RING];
        const size_t place = picture % batch;
        const uint32_t sample = loader->order[picture];

        pthread_mutex_unlock(&loader->mutex);
        entry->batch.samples[place] = sample;
        entry->batch.labels[place] = loader->options.dataset->samples[sample].label;
        entry->errors[place].status = IC_OK;
        if (!loader->options.labels_only)
            load_picture(&loader->options, sample,
                         entry->batch.rgb + place * loader->picture_bytes,
                         &entry->errors[place]);
        pthread_mutex_lock(&loader->mutex);
        finish_picture(loader, entry, (int)place);
    }
    pthread_mutex_unlock(&loader->mutex);
    return NULL;
}

/* --- opening ---------------------------------------------------------------------- */

/* Prepares the ring's place for batch `number`; none is needed past the last. */
static void expect_batch(struct ic_loader *loader, size_t number)
{
    struct ring_batch *entry = &loader->ring[number % RING];
    const size_t batch = (size_t)loader->options.batch;
    size_t left;

    if (number >= loader->batch_count)
        return;
    left = loader->picture_count - number * batch;
    entry->batch.count = (int)(left < batch ? left : batch);
    entry->unfinished = entry->batch.count;
    entry->failed = entry->batch.count;
}

/* The epoch's samples in order. */
static ic_status make_order(struct ic_loader *loader, struct ic_error *error)
{
    const struct ic_loader_options *options = &loader->options;
    const uint32_t count = (uint32_t)options->sample_count;
    struct ic_random random;
    size_t bytes;

    if (!ic_size_mul(options->sample_count, sizeof *loader->order, &bytes) ||
        (loader->order = malloc(bytes + 1)) == NULL)
        return ic_fail_memory(error, "the order of an epoch",
                              options->sample_count * sizeof *loader->order);
    if (options->train) {
        ic_random_init(&random, options->seed, IC_RANDOM_SHUFFLE, options->epoch, 0);
        ic_random_permutation(&random, loader->order, count);
    }
    for (uint32_t i = 0; i < count; i++)
        loader->order[i] = options->samples[options->train ? loader->order[i] : i];
    return IC_OK;
}

/* All memory of the ring, so that nothing but decoding allocates later. */
static ic_status make_ring(struct ic_loader *loader, struct ic_error *error)
{
    const size_t batch = (size_t)loader->options.batch;
    const size_t size = loader->options.labels_only ? 0 : (size_t)loader->options.size;
    size_t pictures, bytes;

    if (!ic_size_mul(batch, RING, &pictures) || !ic_size_mul(size, size, &bytes) ||
        !ic_size_mul(bytes, 3, &loader->picture_bytes) ||
        !ic_size_mul(loader->picture_bytes, pictures, &bytes))
        return ic_fail(error, IC_ERR_LIMIT,
                       "batches of %d pictures of %d x %d pixels exceed all memory",
                       loader->options.batch, loader->options.size,
                       loader->options.size);
    loader->rgb = ic_memory_alloc(bytes);
    loader->labels = calloc(pictures, sizeof *loader->labels);
    loader->samples = calloc(pictures, sizeof *loader->samples);
    loader->errors = calloc(pictures, sizeof *loader->errors);
    if (loader->rgb == NULL || loader->labels == NULL || loader->samples == NULL ||
        loader->errors == NULL)
        return ic_fail_memory(error, "the pictures of batches", bytes);
    for (size_t i = 0; i < RING; i++) {
        loader->ring[i].batch.rgb = loader->rgb + i * batch * loader->picture_bytes;
        loader->ring[i].batch.labels = loader->labels + i * batch;
        loader->ring[i].batch.samples = loader->samples + i * batch;
        loader->ring[i].errors = loader->errors + i * batch;
    }
    return IC_OK;
}

/* Where the epoch is entered, and where it ends. */
static void set_range(struct ic_loader *loader)
{
    const struct ic_loader_options *options = &loader->options;
    const size_t batch = (size_t)options->batch;

    loader->batch_count =
        ic_loader_batches(options->sample_count, options->batch, options->train);
    loader->picture_count =
        options->train ? loader->batch_count * batch : options->sample_count;
    loader->next_batch = options->first_batch < loader->batch_count
                             ? options->first_batch
                             : loader->batch_count;
    loader->first_in_ring = loader->next_batch;
    loader->next_picture = loader->next_batch * batch;
    for (size_t i = 0; i < RING; i++)
        expect_batch(loader, loader->first_in_ring + i);
}

ic_status ic_loader_open(const struct ic_loader_options *options,
                         struct ic_loader **ret_loader, struct ic_error *error)
{
    struct ic_loader *loader = calloc(1, sizeof *loader);
    ic_status status;

    assert(options->batch >= 1 && options->size >= 1 && options->workers >= 1);
    assert(options->sample_count <= UINT32_MAX);
    *ret_loader = NULL;
    if (loader == NULL)
        return ic_fail_memory(error, "a loader", sizeof *loader);
    loader->options = *options;
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->room, NULL);
    pthread_cond_init(&loader->done, NULL);
    if ((status = make_order(loader, error)) == IC_OK &&
        (status = make_ring(loader, error)) == IC_OK) {
        set_range(loader);
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
static ic_status wait_for_batch(struct ic_loader *loader, struct ring_batch **ret_entry,
                                struct ic_error *error)
{
    struct ring_batch *entry = &loader->ring[loader->next_batch % RING];
    ic_status status = IC_OK;

    *ret_entry = NULL;
    pthread_mutex_lock(&loader->mutex);
    if (loader->first_in_ring < loader->next_batch) { /* the caller is done with it */
        expect_batch(loader, loader->first_in_ring + RING);
        loader->first_in_ring++;
        pthread_cond_broadcast(&loader->room);
    }
    if (loader->next_batch < loader->batch_count) {
        while (entry->unfinished > 0)
            pthread_cond_wait(&loader->done, &loader->mutex);
        if (entry->failed < entry->batch.count &&
            loader->options.on_unreadable == NULL) {
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

/* Tells of the pictures of a batch that failed, and closes the gaps. */
static void leave_out(const struct ic_loader *loader, struct ring_batch *entry)
{
    struct ic_batch *batch = &entry->batch;
    const size_t bytes = loader->picture_bytes;
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
}

ic_status ic_loader_next(struct ic_loader *loader, const struct ic_batch **ret_batch,
                         struct ic_error *error)
{
    static const struct ic_batch end = {0};
    struct ring_batch *entry;
    ic_status status;

    do {
        status = wait_for_batch(loader, &entry, error);
        if (entry != NULL && entry->failed < entry->batch.count)
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
    free(loader->order);
    free(loader->rgb);
    free(loader->labels);
    free(loader->samples);
    free(loader->errors);
    free(loader);
}
