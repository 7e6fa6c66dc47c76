/* SPDX-License-Identifier: MIT */
/*
 * Allocates the batches of an epoch and says what each holds. See loader_ring.h.
 */
#include "data/loader_ring.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/size.h"

/* Allocates the batches: labels and samples of all their pictures, pixels of the
 * pictures that are loaded. */
static ic_status make_batches(struct ic_loader_ring *ring,
                              const struct ic_loader_options *options,
                              struct ic_error *error)
{
    const size_t size = options->labels_only ? 0 : (size_t)options->size;
    const size_t batch = (size_t)options->batch, pictures = ring->own * IC_LOADER_RING;
    size_t bytes;

    if (!ic_size_mul(size, size, &bytes) ||
        !ic_size_mul(bytes, 3, &ring->picture_bytes) ||
        !ic_size_mul(ring->picture_bytes, pictures, &bytes))
        return ic_fail(
            error, IC_ERR_LIMIT,
            "batches of %lu pictures of %d x %d pixels are too large to address",
            (unsigned long)ring->own, options->size, options->size);
    ring->rgb = ic_memory_alloc(bytes);
    ring->labels = calloc(batch * IC_LOADER_RING, sizeof *ring->labels);
    ring->samples = calloc(batch * IC_LOADER_RING, sizeof *ring->samples);
    ring->errors = calloc(pictures, sizeof *ring->errors);
    if (ring->rgb == NULL || ring->labels == NULL || ring->samples == NULL ||
        ring->errors == NULL)
        return ic_fail_memory(error, "the pictures of batches", bytes);
    for (size_t i = 0; i < IC_LOADER_RING; i++) {
        struct ic_batch *place = &ring->batches[i].batch;

        place->rgb = ring->rgb + i * ring->own * ring->picture_bytes;
        place->labels = ring->labels + i * batch;
        place->samples = ring->samples + i * batch;
        ring->batches[i].errors = ring->errors + i * ring->own;
    }
    return IC_OK;
}

ic_status ic_loader_ring_open(struct ic_loader_ring *ring,
                              const struct ic_loader_options *options,
                              struct ic_error *error)
{
    const bool whole = options->part_count == 0;
    ic_status status;

    *ring = (struct ic_loader_ring){
        .batch_count =
            ic_loader_batches(options->sample_count, options->batch, options->train),
        .own = (size_t)(whole ? options->batch : options->part_count)};
    ring->line = options->train ? ring->batch_count * ring->own : options->sample_count;
    status = ic_epoch_order_make(options, &ring->order, error);
    return status == IC_OK ? make_batches(ring, options, error) : status;
}

void ic_loader_ring_expect(struct ic_loader_ring *ring,
                           const struct ic_loader_options *options, size_t number)
{
    struct ic_loader_ring_batch *entry = &ring->batches[number % IC_LOADER_RING];
    const size_t size = (size_t)options->batch, before = number * size;
    struct ic_batch *batch = &entry->batch;
    size_t left;

    if (number >= ring->batch_count)
        return;
    left = options->sample_count - before;
    batch->count = (int)(left < size ? left : size);
    batch->first = options->part_first;
    batch->own = options->part_count > 0 ? options->part_count : batch->count;
    for (int i = 0; i < batch->count; i++) {
        batch->samples[i] = ring->order.samples[before + (size_t)i];
        batch->labels[i] = options->dataset->samples[batch->samples[i]].label;
    }
    entry->unfinished = batch->own;
    entry->failed = batch->own;
}

void ic_loader_ring_free(struct ic_loader_ring *ring)
{
    ic_epoch_order_free(&ring->order);
    free(ring->rgb);
    free(ring->labels);
    free(ring->samples);
    free(ring->errors);
    *ring = (struct ic_loader_ring){0};
}
