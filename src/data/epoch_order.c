/* SPDX-License-Identifier: MIT */
/*
 * The order of an epoch. See epoch_order.h.
 */
#include "data/epoch_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/size.h"

/* The samples of each class that has any, one class after the other. */
struct classes {
    uint32_t *samples;
    size_t *first; /* where each class begins; one more entry at the end */
    size_t count;
};

static int label_of(const struct ic_loader_options *options, uint32_t sample)
{
    return options->dataset->samples[sample].label;
}

/* Sorts `samples` by class and keeps their order within each class. */
static ic_status sort_by_class(const struct ic_loader_options *options,
                               const uint32_t *samples, struct classes *ret_classes,
                               struct ic_error *error)
{
    const size_t count = options->sample_count;
    const size_t labels = (size_t)options->dataset->class_count;
    size_t *starts = calloc(labels + 1, sizeof *starts);
    struct classes c = {.samples = calloc(count + 1, sizeof *c.samples),
                        .first = calloc(labels + 1, sizeof *c.first)};

    *ret_classes = c;
    if (starts == NULL || c.samples == NULL || c.first == NULL) {
        free(starts);
        return ic_fail_memory(error, "the order of an epoch", count * sizeof *samples);
    }
    for (size_t i = 0; i < count; i++)
        starts[label_of(options, samples[i]) + 1]++;
    for (size_t label = 0; label < labels; label++) {
        if (starts[label + 1] > 0)
            c.first[c.count++] = starts[label];
        starts[label + 1] += starts[label];
    }
    c.first[c.count] = count;
    for (size_t i = 0; i < count; i++)
        c.samples[starts[label_of(options, samples[i])]++] = samples[i];
    free(starts);
    *ret_classes = c;
    return IC_OK;
}

/* Deals samples of the classes in turn to the epoch's positions, which another
 * permutation puts in random order. */
static ic_status balance(const struct ic_loader_options *options,
                         struct ic_epoch_order *order, struct ic_random *random,
                         struct ic_error *error)
{
    const size_t count = options->sample_count;
    uint32_t *places = calloc(count + 1, sizeof *places);
    struct classes classes = {0};
    ic_status status =
        places != NULL
            ? sort_by_class(options, order->samples, &classes, error)
            : ic_fail_memory(error, "the order of an epoch", count * sizeof *places);

    if (status == IC_OK) {
        ic_random_permutation(random, places, (uint32_t)count);
        for (size_t i = 0; i < count; i++) {
            const size_t class = i % classes.count, draw = i / classes.count;
            const size_t first = classes.first[class];
            const size_t size = classes.first[class + 1] - first;

            order->samples[places[i]] = classes.samples[first + draw % size];
            order->views[places[i]] = (uint32_t)(draw / size);
        }
    }
    free(places);
    free(classes.samples);
    free(classes.first);
    return status;
}

ic_status ic_epoch_order_make(const struct ic_loader_options *options,
                              struct ic_epoch_order *ret_order, struct ic_error *error)
{
    const uint32_t count = (uint32_t)options->sample_count;
    struct ic_epoch_order *const order = ret_order;
    struct ic_random random;
    size_t bytes;

    *order = (struct ic_epoch_order){0};
    if (!ic_size_mul(options->sample_count, sizeof *order->samples, &bytes) ||
        (order->samples = malloc(bytes + 1)) == NULL ||
        (order->views = calloc(bytes + 1, 1)) == NULL)
        return ic_fail_memory(error, "the order of an epoch",
                              options->sample_count * sizeof *order->samples);
    if (options->train) {
        ic_random_init(&random, options->seed, IC_RANDOM_SHUFFLE, options->epoch, 0);
        ic_random_permutation(&random, order->samples, count);
    }
    for (uint32_t i = 0; i < count; i++)
        order->samples[i] = options->samples[options->train ? order->samples[i] : i];
    return options->train && options->balanced && count > 0
               ? balance(options, order, &random, error)
               : IC_OK;
}

void ic_epoch_order_free(struct ic_epoch_order *order)
{
    free(order->samples);
    free(order->views);
    *order = (struct ic_epoch_order){0};
}
