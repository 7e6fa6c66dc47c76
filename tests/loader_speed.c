/* SPDX-License-Identifier: MIT */
/*
 * Measures how many pictures per second the loader gives, plain and augmented. Not a
 * test. See docs/data.md.
 *
 *     make tests/loader_speed && tests/loader_speed DIR SIZE WORKERS
 */
#include "base/machine.h"
#include "check.h"
#include "data/check.h"
#include "data/loader.h"

static struct ic_error error;

static void must(ic_status status)
{
    if (status == IC_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit(1);
}

/* Reads one epoch. */
static double measure(const struct ic_loader_options *options)
{
    const double begin = ic_machine_seconds();
    const struct ic_batch *batch;
    struct ic_loader *loader;
    size_t count = 0;

    must(ic_loader_open(options, &loader, &error));
    do {
        must(ic_loader_next(loader, &batch, &error));
        count += (size_t)batch->count;
    } while (batch->count > 0);
    ic_loader_close(loader);
    return (double)count / (ic_machine_seconds() - begin);
}

int main(int argc, char **argv)
{
    struct ic_loader_options options = {
        .batch = 16, .fit = IC_FIT_CROP, .random_views = true};
    struct ic_dataset dataset;
    uint32_t *samples;

    if (argc != 4) {
        fprintf(stderr, "usage: loader_speed DIR SIZE WORKERS\n");
        return 2;
    }
    must(ic_dataset_open(argv[1], IC_LABELS_BREED, &dataset, &error));
    samples = check_alloc(dataset.count, sizeof *samples);
    for (size_t i = 0; i < dataset.count; i++)
        samples[i] = (uint32_t)i;
    options.dataset = &dataset;
    options.samples = samples;
    options.sample_count = dataset.count;
    options.size = atoi(argv[2]);
    options.workers = atoi(argv[3]);
    measure(&options); /* reads the files into the page cache */
    printf("plain %.0f pictures/s\n", measure(&options));
    options.augment = IC_AUGMENT_FASTAI;
    options.parts = ic_augment_fastai;
    options.presize = ic_augment_presize(options.size);
    printf("augmented %.0f pictures/s\n", measure(&options));
    free(samples);
    ic_dataset_close(&dataset);
    return 0;
}
