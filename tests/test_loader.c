/* SPDX-License-Identifier: MIT */
/*
 * The loader against a naive one that reads one picture at a time: the same bytes for
 * any number of workers and from any first batch, and failures that name the picture.
 */
#include "data/loader.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "check.h"
#include "data/check.h"
#include "folder.h"
#include "image_file.h"
#include "pictures.h"

enum { COUNT = 23, SIZE = 12, BYTES = SIZE * SIZE * 3 };

static struct ic_error error;
static char *folder;
static struct ic_dataset dataset;
static uint32_t all[COUNT]; /* every sample but the first, backwards */

static void open_set(void)
{
    folder = folder_make();
    for (int i = 0; i < COUNT + 1; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s/%02d.%s", i % 3 ? "cat" : "dog", i,
                 i % 4 ? "jpg" : "png");
        picture_put(folder, name, i % 4 == 0, 9 + i * 7 % 20, 9 + i * 5 % 17, i);
    }
    CHECK_OK(ic_dataset_open(folder, IC_LABELS_FOLDER, &dataset, &error));
    CHECK_INT(dataset.count, COUNT + 1);
    for (uint32_t i = 0; i < COUNT; i++)
        all[i] = COUNT - i;
}

static void close_set(void)
{
    ic_dataset_close(&dataset);
    folder_remove(folder);
}

static struct ic_loader_options options_for(int batch, bool train, int workers)
{
    return (struct ic_loader_options){
        .dataset = &dataset,
        .samples = all,
        .sample_count = COUNT,
        .batch = batch,
        .size = SIZE,
        .fit = IC_FIT_CROP,
        .train = train,
        .augment = IC_AUGMENT_FLIP,
        .parts = ic_augment_fastai,
        .seed = 42,
        .epoch = 3,
        .workers = workers,
    };
}

/* --- the naive loader
 * ----------------------------------------------------------------- */

/* Reads picture `position` of the epoch; returns its sample. */
static uint32_t read_naively(const struct ic_loader_options *options, size_t position,
                             uint8_t *out)
{
    const struct ic_frame frame = {options->size, options->presize, options->fit,
                                   options->upright};
    struct ic_augmentation choice = {.place = {0.5, 0.5}};
    uint32_t order[COUNT], sample;
    struct ic_random random;
    struct ic_image image;
    char *path;

    for (uint32_t i = 0; i < COUNT; i++)
        order[i] = i;
    if (options->train) {
        ic_random_init(&random, options->seed, IC_RANDOM_SHUFFLE, options->epoch, 0);
        ic_random_permutation(&random, order, (uint32_t)options->sample_count);
    }
    sample = options->samples[order[position]];
    if (options->presize > 0 && !options->train && !options->random_views) {
        ic_augment_none(&choice, &frame);
    } else if (options->presize > 0) {
        ic_augment_draw(&choice, &frame, options->augment, &options->parts,
                        options->seed, options->epoch, sample);
    } else if (options->train) {
        ic_random_init(&random, options->seed, IC_RANDOM_AUGMENT, options->epoch,
                       sample);
        choice.place.u = ic_random_uniform(&random);
        choice.place.v = ic_random_uniform(&random);
        choice.warp.flip =
            options->augment == IC_AUGMENT_FLIP && ic_random_uniform(&random) < 0.5;
    }
    path = folder_path(folder, "%s", dataset.samples[sample].name);
    CHECK_OK(image_read(path, &image, NULL, &error));
    if (options->presize > 0)
        CHECK_OK(ic_augment_apply(out, &image, &frame, &choice, &error));
    else
        CHECK_OK(ic_fit_square(out, &image, options->size, options->fit, choice.place,
                               choice.warp.flip, &error));
    ic_image_free(&image);
    free(path);
    return sample;
}

/* Runs a loader from options->first_batch to the end and compares. */
static void check_epoch(const struct ic_loader_options *options)
{
    const size_t batches =
        ic_loader_batches(options->sample_count, options->batch, options->train);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    size_t position = options->first_batch * (size_t)options->batch;

    CHECK_OK(ic_loader_open(options, &loader, &error));
    for (size_t k = options->first_batch; k < batches; k++) {
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        CHECK(batch->count == options->batch ||
              (k == batches - 1 && !options->train && batch->count > 0));
        for (int i = 0; i < batch->count; i++, position++) {
            uint8_t expected[BYTES];
            const uint32_t sample = read_naively(options, position, expected);

            CHECK_INT(batch->samples[i], sample);
            CHECK_INT(batch->labels[i], dataset.samples[sample].label);
            if (memcmp(batch->rgb + i * BYTES, expected, BYTES) != 0)
                CHECK_FAIL("batch %zu, picture %d: other pixels", k, i);
        }
    }
    for (int i = 0; i < 3; i++) { /* the end remains the end */
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        CHECK_INT(batch->count, 0);
    }
    ic_loader_close(loader);
}

/* --- content
 * -------------------------------------------------------------------------- */

static void test_batch_counts(void)
{
    CHECK_INT(ic_loader_batches(0, 4, true), 0);
    CHECK_INT(ic_loader_batches(0, 4, false), 0);
    CHECK_INT(ic_loader_batches(3, 4, true), 0);
    CHECK_INT(ic_loader_batches(3, 4, false), 1);
    CHECK_INT(ic_loader_batches(8, 4, true), 2);
    CHECK_INT(ic_loader_batches(8, 4, false), 2);
    CHECK_INT(ic_loader_batches(9, 4, true), 2);
    CHECK_INT(ic_loader_batches(9, 4, false), 3);
    CHECK_INT(ic_loader_batches(5912, 64, true), 92);
    CHECK_INT(ic_loader_batches(1478, 64, false), 24);
}

/* Batches of 1, of odd sizes, of all pictures, and larger than the set. */
static void test_against_naive(void)
{
    static const int batches[] = {1, 4, 5, COUNT, COUNT + 7};
    static const int workers[] = {1, 2, 5};

    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++)
        for (size_t w = 0; w < sizeof workers / sizeof workers[0]; w++)
            for (int train = 0; train <= 1; train++) {
                const struct ic_loader_options options =
                    options_for(batches[b], train, workers[w]);

                check_epoch(&options);
            }
}

static void test_fits(void)
{
    for (int fit = IC_FIT_CROP; fit <= IC_FIT_SQUISH; fit++) {
        struct ic_loader_options options = options_for(6, true, 2);

        options.fit = (enum ic_fit)fit;
        check_epoch(&options);
    }
}

/* Augmentation: as drawn one picture at a time, for any number of workers. Validation
 * and the views of test-time augmentation keep all pictures in their order. */
static void test_augment(void)
{
    for (int workers = 1; workers <= 3; workers += 2)
        for (int mode = 0; mode < 3; mode++) {
            struct ic_loader_options options = options_for(5, mode == 0, workers);

            options.random_views = mode == 1;
            options.augment = IC_AUGMENT_FASTAI;
            options.parts = ic_augment_fastai;
            options.presize = 25;
            check_epoch(&options);
        }
}

/* Every batch can be the first; after the last the loader gives nothing. */
static void test_entry(void)
{
    for (size_t first = 0; first <= 7; first++)
        for (int train = 0; train <= 1; train++) {
            struct ic_loader_options options = options_for(4, train, 3);

            options.first_batch = first < 7 ? first : SIZE_MAX / 64;
            if (first <= ic_loader_batches(COUNT, 4, train))
                check_epoch(&options);
            else {
                const struct ic_batch *batch;
                struct ic_loader *loader = NULL;

                CHECK_OK(ic_loader_open(&options, &loader, &error));
                CHECK_OK(ic_loader_next(loader, &batch, &error));
                CHECK_INT(batch->count, 0);
                ic_loader_close(loader);
            }
        }
}

/* Loads a whole epoch as one batch: its samples in order, its pixels in `rgb`. */
static void load_all(const struct ic_loader_options *options, uint32_t samples[COUNT],
                     uint8_t (*rgb)[BYTES])
{
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;

    CHECK_OK(ic_loader_open(options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    CHECK_INT(batch->count, COUNT);
    for (int i = 0; i < batch->count; i++) {
        samples[i] = batch->samples[i];
        memcpy(rgb[batch->samples[i]], batch->rgb + i * BYTES, BYTES);
    }
    ic_loader_close(loader);
}

/* A picture that a balanced epoch shows again is changed in another way. */
static void test_views(void)
{
    struct ic_loader_options options = options_for(COUNT, true, 2);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    int again = 0;

    options.balanced = true;
    options.augment = IC_AUGMENT_FASTAI;
    options.presize = 2 * SIZE;
    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    for (int i = 0; i < batch->count; i++)
        for (int k = 0; k < i; k++)
            if (batch->samples[k] == batch->samples[i]) {
                again++;
                CHECK(memcmp(batch->rgb + k * BYTES, batch->rgb + i * BYTES, BYTES) !=
                      0);
            }
    CHECK(again > 0);
    ic_loader_close(loader);
}

/* Each epoch and each seed is a permutation of its own. */
static void test_order(void)
{
    static uint8_t rgb[COUNT + 1][BYTES];
    uint32_t orders[3][COUNT];
    struct ic_loader_options options = options_for(COUNT, true, 2);

    load_all(&options, orders[0], rgb);
    options.epoch = 4;
    load_all(&options, orders[1], rgb);
    options.seed = 43;
    load_all(&options, orders[2], rgb);
    for (int k = 0; k < 3; k++) {
        char seen[COUNT + 1] = {0};

        for (int i = 0; i < COUNT; i++) {
            CHECK(orders[k][i] >= 1 && orders[k][i] <= COUNT);
            CHECK_INT(seen[orders[k][i]], 0);
            seen[orders[k][i]] = 1;
        }
        CHECK(memcmp(orders[k], orders[(k + 1) % 3], sizeof orders[k]) != 0);
    }
    options = options_for(COUNT, false, 2);
    load_all(&options, orders[0], rgb);
    CHECK(memcmp(orders[0], all, sizeof all) == 0);
}

/* With and without flips a picture has the same pixels or exactly mirrored ones, and
 * both cases occur. The crop is drawn before the flip and does not depend on it. */
static void test_flip(void)
{
    static uint8_t plain[COUNT + 1][BYTES], flipped[COUNT + 1][BYTES];
    uint32_t order[COUNT], same_order[COUNT];
    struct ic_loader_options options = options_for(COUNT, true, 2);
    int mirrored = 0;

    load_all(&options, order, flipped);
    options.augment = IC_AUGMENT_NONE;
    options.parts = ic_augment_fastai;
    load_all(&options, same_order, plain);
    CHECK(memcmp(order, same_order, sizeof order) == 0);
    for (int i = 1; i <= COUNT; i++) {
        uint8_t mirror[BYTES];

        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++)
                memcpy(mirror + 3 * (y * SIZE + x),
                       plain[i] + 3 * (y * SIZE + SIZE - 1 - x), 3);
        if (memcmp(flipped[i], mirror, BYTES) == 0)
            mirrored++;
        else
            CHECK(memcmp(flipped[i], plain[i], BYTES) == 0);
    }
    CHECK(mirrored > 3 && mirrored < COUNT - 3);
    options = options_for(COUNT, false, 2); /* validation mirrors nothing */
    load_all(&options, order, plain);
    options.augment = IC_AUGMENT_FLIP;
    options.parts = ic_augment_fastai;
    load_all(&options, order, flipped);
    CHECK(memcmp(plain, flipped, sizeof plain) == 0);
}

/* Whether `found` is the middle of folder/name, decoded as the options say. */
static void check_decoded(const struct ic_loader_options *options, const char *name,
                          const char *place, const uint8_t *found)
{
    const struct ic_frame frame = {options->size, options->presize, options->fit,
                                   options->upright};
    const int enough = options->decode == IC_DECODE_EXACT ? 0
                       : options->presize > 0             ? options->presize
                                                          : options->size;
    struct ic_augmentation middle;
    struct ic_image image;
    uint8_t *bytes, expected[BYTES];
    char *path = folder_path(place, "%s", name);
    size_t size;

    ic_augment_none(&middle, &frame);
    CHECK_OK(ic_file_read(path, 1 << 20, &bytes, &size, &error));
    CHECK_OK(ic_image_decode_reduced(bytes, size, path, enough, &image, NULL, &error));
    CHECK_OK(ic_augment_apply(expected, &image, &frame, &middle, &error));
    CHECK(memcmp(found, expected, BYTES) == 0);
    ic_image_free(&image);
    free(bytes);
    free(path);
}

/* Fast decoding asks for the pixels of the first square: those of the presizing, else
 * of the size. */
static void test_decode(void)
{
    static const int presizes[] = {0, 25};
    char *place = folder_make();
    struct ic_dataset set;
    const uint32_t samples[] = {0, 1};

    picture_put(place, "cat/0.jpg", false, 100, 80, 1);
    picture_put(place, "dog/1.jpg", false, 70, 131, 2);
    CHECK_OK(ic_dataset_open(place, IC_LABELS_FOLDER, &set, &error));
    for (int i = 0; i < 2; i++)
        for (int decode = IC_DECODE_EXACT; decode <= IC_DECODE_FAST; decode++) {
            struct ic_loader_options options = options_for(2, false, 2);
            const struct ic_batch *batch;
            struct ic_loader *loader = NULL;

            options.dataset = &set;
            options.samples = samples;
            options.sample_count = 2;
            options.presize = presizes[i];
            options.decode = (enum ic_decode)decode;
            CHECK_OK(ic_loader_open(&options, &loader, &error));
            CHECK_OK(ic_loader_next(loader, &batch, &error));
            CHECK_INT(batch->count, 2);
            for (int k = 0; k < batch->count; k++)
                check_decoded(&options, set.samples[k].name, place,
                              batch->rgb + k * BYTES);
            ic_loader_close(loader);
        }
    ic_dataset_close(&set);
    folder_remove(place);
}

/* --- parts of batches ------------------------------------------------------------- */

/* A part of a batch has the labels and samples of the whole batch, and the pixels of
 * the part. */
static void check_part(const struct ic_batch *part, const struct ic_batch *whole,
                       const struct ic_loader_options *options)
{
    const size_t count = (size_t)whole->count;

    CHECK_INT(part->count, whole->count);
    CHECK_INT(part->first, options->part_first);
    CHECK_INT(part->own, options->part_count);
    CHECK(memcmp(part->samples, whole->samples, count * sizeof *whole->samples) == 0);
    CHECK(memcmp(part->labels, whole->labels, count * sizeof *whole->labels) == 0);
    CHECK(memcmp(part->rgb, whole->rgb + options->part_first * BYTES,
                 (size_t)options->part_count * BYTES) == 0);
}

/* Runs a loader of a part and one of whole batches side by side, from first_batch on.
 */
static void check_part_of_epoch(const struct ic_loader_options *options)
{
    struct ic_loader_options all_of_it = *options;
    struct ic_loader *parts = NULL, *wholes = NULL;
    const struct ic_batch *part, *whole;
    size_t batches = 0;

    all_of_it.part_first = all_of_it.part_count = 0;
    CHECK_OK(ic_loader_open(options, &parts, &error));
    CHECK_OK(ic_loader_open(&all_of_it, &wholes, &error));
    for (;; batches++) {
        CHECK_OK(ic_loader_next(parts, &part, &error));
        CHECK_OK(ic_loader_next(wholes, &whole, &error));
        CHECK(whole->first == 0 && whole->own == whole->count);
        if (whole->count == 0 || part->count == 0)
            break;
        check_part(part, whole, options);
    }
    CHECK_INT(part->count, 0);
    CHECK_INT(whole->count, 0);
    CHECK_INT(batches, COUNT / options->batch - (int)options->first_batch);
    ic_loader_close(parts);
    ic_loader_close(wholes);
}

/* Every stretch of a batch, hence the parts of every division, for batches from a
 * single picture up to all, and from any first batch. */
static void test_parts(void)
{
    static const int batches[] = {1, 4, 7};

    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++)
        for (int first = 0; first < batches[b]; first++)
            for (int count = 1; count <= batches[b] - first; count++) {
                struct ic_loader_options options =
                    options_for(batches[b], true, 1 + (first + count) % 3);

                options.part_first = first;
                options.part_count = count;
                options.first_batch = (size_t)(first + 2 * count) % 4;
                if (options.first_batch > (size_t)(COUNT / batches[b]))
                    options.first_batch = 0;
                check_part_of_epoch(&options);
            }
}

/* With draws that look at much of a picture, and with no pictures at all. */
static void test_part_modes(void)
{
    struct ic_loader_options options = options_for(COUNT, true, 3);
    struct ic_loader *loader = NULL;
    const struct ic_batch *batch;

    options.part_first = 5;
    options.part_count = 11;
    options.augment = IC_AUGMENT_FASTAI;
    options.parts = ic_augment_fastai;
    options.presize = 25;
    check_part_of_epoch(&options);
    options.labels_only = true;
    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    CHECK(batch->count == COUNT && batch->first == 5 && batch->own == 11);
    ic_loader_close(loader);
}

/* --- the caller's side
 * ---------------------------------------------------------------- */

static void pause_ms(long ms)
{
    const struct timespec time = {0, ms * 1000000};

    nanosleep(&time, NULL);
}

/* Whether all threads but this one sleep, as the kernel sees it. */
static bool others_sleep(void)
{
    DIR *tasks = opendir("/proc/self/task");
    bool sleep = true;

    if (tasks == NULL)
        exit(99);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], text[400] = "";
        const char *state;
        FILE *stream;

        if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
        stream = fopen(path, "r");
        if (stream == NULL)
            continue; /* it has ended */
        if (fgets(text, sizeof text, stream) == NULL)
            text[0] = '\0';
        fclose(stream);
        state = strrchr(text, ')');
        sleep &= state == NULL || state[2] == 'S';
    }
    closedir(tasks);
    return sleep;
}

/* Waits until the workers have filled the ring and wait for the caller. A thread that
 * waits for a lock sleeps too, but not five times in a row. */
static void wait_for_workers(void)
{
    for (int in_a_row = 0; in_a_row < 5; pause_ms(1))
        in_a_row = others_sleep() ? in_a_row + 1 : 0;
}

/* A batch stays unchanged until the following call, however fast the workers are. */
static void test_batch_stays(void)
{
    const struct ic_loader_options options = options_for(2, true, 4);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    uint8_t copy[2 * BYTES];

    CHECK_OK(ic_loader_open(&options, &loader, &error));
    for (int k = 0; k < 5; k++) {
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        memcpy(copy, batch->rgb, sizeof copy);
        wait_for_workers();
        CHECK(memcmp(copy, batch->rgb, sizeof copy) == 0);
    }
    ic_loader_close(loader);
}

/* Closing after any number of batches returns, at once or with the workers waiting. */
static void test_close_early(void)
{
    ic_loader_close(NULL);
    for (int taken = 0; taken <= 6; taken++)
        for (int wait = 0; wait <= 1; wait++) {
            const struct ic_loader_options options = options_for(4, true, 1 + taken);
            const struct ic_batch *batch;
            struct ic_loader *loader = NULL;

            CHECK_OK(ic_loader_open(&options, &loader, &error));
            for (int k = 0; k < taken; k++)
                CHECK_OK(ic_loader_next(loader, &batch, &error));
            if (wait)
                wait_for_workers();
            ic_loader_close(loader);
        }
}

static void test_empty(void)
{
    struct ic_loader_options options = options_for(4, false, 2);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;

    options.sample_count = 0;
    for (int train = 0; train <= 1; train++) {
        options.train = train;
        CHECK_OK(ic_loader_open(&options, &loader, &error));
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        CHECK_INT(batch->count, 0);
        ic_loader_close(loader);
    }
}

static void test_too_large(void)
{
    struct ic_loader_options options = options_for(1 << 30, true, 2);
    struct ic_loader *loader;

    options.size = 1 << 20;
    CHECK_FAILS(ic_loader_open(&options, &loader, &error), IC_ERR_LIMIT,
                "too large to address");
    CHECK(loader == NULL);
}

/* --- failures
 * ------------------------------------------------------------------------- */

/* Runs an epoch that fails in batch `bad`. The batches before it are as usual, the
 * failure holds `text`, and a further call gives the same failure. */
static void check_failure(int workers, size_t bad, const char *text)
{
    const struct ic_loader_options options = options_for(4, false, workers);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;

    CHECK_OK(ic_loader_open(&options, &loader, &error));
    for (size_t k = 0; k < bad; k++) {
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        CHECK_INT(batch->count, 4);
        CHECK_INT(batch->samples[0], all[4 * k]);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(ic_loader_next(loader, &batch, &error) != IC_OK);
        CHECK(strstr(error.message, text) != NULL);
        CHECK_INT(batch->count, 0);
    }
    ic_loader_close(loader);
}

/* The path of the picture at a position of the ordered epoch. */
static char *path_at(size_t position)
{
    return folder_path(folder, "%s", dataset.samples[all[position]].name);
}

/* Three pictures of batch 2 and one of batch 4 are missing: the first in order is
 * named, whichever worker finds a missing one first. */
static void count_unreadable(void *context, uint32_t sample,
                             const struct ic_error *cause)
{
    (void)sample, (void)cause;
    ++*(int *)context;
}

/* Behind a picture that is left out, the others keep their pixels and labels. */
static void test_left_out(void)
{
    struct ic_loader_options options = options_for(6, false, 2);
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    char *path = path_at(1), *aside = folder_path(folder, "aside");
    int unreadable = 0;

    CHECK_INT(rename(path, aside), 0);
    options.sample_count = 6;
    options.on_unreadable = count_unreadable;
    options.context = &unreadable;
    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    CHECK_INT(batch->count, 5);
    CHECK_INT(unreadable, 1);
    for (int i = 0; i < batch->count; i++) {
        uint8_t expected[BYTES];
        const uint32_t sample = read_naively(&options, i == 0 ? 0 : i + 1, expected);

        CHECK_INT(batch->samples[i], sample);
        CHECK_INT(batch->labels[i], dataset.samples[sample].label);
        CHECK(memcmp(batch->rgb + i * BYTES, expected, BYTES) == 0);
    }
    ic_loader_close(loader);
    CHECK_INT(rename(aside, path), 0);
    free(path);
    free(aside);
}

static void test_missing(void)
{
    static const size_t gone[] = {19, 11, 10, 9};
    char text[64];

    for (size_t i = 0; i < 4; i++) {
        char *path = path_at(gone[i]);

        unlink(path);
        free(path);
    }
    snprintf(text, sizeof text, "%s: No such file", dataset.samples[all[9]].name);
    for (int repeat = 0; repeat < 5; repeat++)
        for (int workers = 1; workers <= 5; workers += 2)
            check_failure(workers, 2, text);
}

static void test_damaged(void)
{
    char *path = path_at(5);

    if (truncate(path, 100) != 0)
        folder_broke(path);
    check_failure(2, 1, path);
    free(path);
}

/* A file whose picture differs from the checked one is refused. */
static void test_changed(void)
{
    struct ic_findings findings;
    char *path = path_at(14), text[64];

    CHECK_OK(ic_check_pictures(&dataset, 2, false, NULL, &findings, &error));
    CHECK_INT(findings.count, 0);
    ic_findings_free(&findings);
    {
        const struct ic_loader_options options = options_for(4, true, 2);

        check_epoch(&options);
    }
    picture_put(folder, dataset.samples[all[14]].name, true, 10, 10, 99);
    snprintf(text, sizeof text, "%s has changed", dataset.samples[all[14]].name);
    check_failure(3, 3, text);
    free(path);
}

/* The same labels and samples in the same order, without reading a picture. */
static void test_labels_only(void)
{
    struct ic_loader_options options = options_for(4, true, 3);
    struct ic_loader *with, *without;
    const struct ic_batch *a, *b;

    CHECK_OK(ic_loader_open(&options, &with, &error));
    options.labels_only = true;
    CHECK_OK(ic_loader_open(&options, &without, &error));
    for (size_t i = 0; i <= ic_loader_batches(COUNT, 4, true); i++) {
        CHECK_OK(ic_loader_next(with, &a, &error));
        CHECK_OK(ic_loader_next(without, &b, &error));
        CHECK_INT(b->count, a->count);
        for (int k = 0; k < a->count; k++) {
            CHECK_INT(b->samples[k], a->samples[k]);
            CHECK_INT(b->labels[k], a->labels[k]);
        }
    }
    ic_loader_close(with);
    ic_loader_close(without);
}

/* Sample number `place` of batch `number` of the epoch. */
static uint32_t sample_at(struct ic_loader_options options, size_t number, int place)
{
    const struct ic_batch *batch;
    struct ic_loader *loader = NULL;
    uint32_t sample;

    options.labels_only = true;
    options.first_batch = number;
    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    sample = batch->samples[place];
    ic_loader_close(loader);
    return sample;
}

/* A missing picture fails its batch where it is in the loader's part, and nowhere else.
 */
static void test_missing_in_part(void)
{
    enum { BATCH = 5, BAD = 2, PLACE = 3 };
    struct ic_loader_options options = options_for(BATCH, true, 2);
    const char *name = dataset.samples[sample_at(options, BAD, PLACE)].name;
    char *path = folder_path(folder, "%s", name);

    unlink(path);
    free(path);
    for (options.part_first = 0; options.part_first < BATCH; options.part_first++)
        for (options.part_count = 1; options.part_first + options.part_count <= BATCH;
             options.part_count++) {
            const bool within = options.part_first <= PLACE &&
                                PLACE < options.part_first + options.part_count;
            const struct ic_batch *batch;
            struct ic_loader *loader = NULL;

            CHECK_OK(ic_loader_open(&options, &loader, &error));
            for (size_t k = 0; k < COUNT / BATCH; k++) {
                const ic_status status = ic_loader_next(loader, &batch, &error);

                CHECK((status == IC_OK) == (!within || k < BAD));
                CHECK(status == IC_OK || strstr(error.message, name) != NULL);
            }
            ic_loader_close(loader);
        }
}

int main(void)
{
    open_set();
    test_batch_counts();
    test_against_naive();
    test_labels_only();
    test_fits();
    test_augment();
    test_entry();
    test_order();
    test_views();
    test_flip();
    test_decode();
    test_parts();
    test_part_modes();
    test_batch_stays();
    test_close_early();
    test_empty();
    test_too_large();
    test_changed();
    close_set();
    open_set();
    test_missing_in_part();
    close_set();
    open_set();
    test_left_out();
    test_missing();
    test_damaged();
    close_set();
    return check_result();
}
