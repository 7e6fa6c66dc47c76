/* SPDX-License-Identifier: MIT */
/*
 * The pictures of a job without a network: refusals before any picture is read, the
 * treatment of unreadable pictures, the fingerprint, and the loaders.
 */
#include "train/training_data.h"
#include "train_kit.h"

static char *base, *pets;
static struct ic_error error;
static char notes[2000];

static void on_note(void *context, const char *sentence)
{
    const size_t used = strlen(notes);

    snprintf(notes + used, sizeof notes - used, "%s\n", sentence);
}

/* Opens and checks the job's pictures; the caller closes them. */
static ic_status open_data(struct ic_training_data *data, struct ic_job *job,
                           const atomic_int *stop)
{
    struct ic_listener listener = {.events = {.on_note = on_note}, .stop = stop};
    ic_status status = ic_job_check(job, &error);

    notes[0] = '\0';
    if (status == IC_OK)
        status = ic_training_data_open(data, job, &error);
    if (status == IC_OK)
        status = ic_training_data_check(data, &listener, &error);
    return status;
}

static void splits(void)
{
    struct ic_training_data data = {0}, again = {0};
    struct ic_job job = kit_job(pets, "none"), other;

    CHECK_OK(open_data(&data, &job, NULL));
    CHECK_INT(data.split.train_count, 16);
    CHECK_INT(data.split.valid_count, 16);
    CHECK_INT(data.epoch_batches, 4);
    CHECK(strncmp(data.fingerprint, "32-", 3) == 0);
    CHECK_STRING(notes, "");

    other = job;
    other.batch = 16; /* just all pictures */
    CHECK_OK(open_data(&again, &other, NULL));
    CHECK_INT(again.epoch_batches, 1);
    ic_training_data_close(&again);
    other = job;
    CHECK_OK(open_data(&again, &other, NULL));
    CHECK_STRING(again.fingerprint, data.fingerprint);
    ic_training_data_close(&again);
    other.seed++; /* another split */
    CHECK_OK(open_data(&again, &other, NULL));
    CHECK(strcmp(again.fingerprint, data.fingerprint) != 0);
    ic_training_data_close(&again);
    ic_training_data_close(&data);
    ic_training_data_close(&data); /* closing twice is allowed */
}

/* Refused at once, so an unreadable picture goes unnoticed. */
static void refusals(void)
{
    char *folder = folder_path(base, "bad"), *lonely = folder_path(base, "lonely");
    struct ic_training_data data = {0};
    struct ic_job job = kit_job(folder, "none");

    kit_draw(folder, 8);
    folder_put_text(folder, "images/pug_99.png", "no picture");
    job.batch = 6;
    CHECK_FAILS(open_data(&data, &job, NULL), IC_ERR_USAGE,
                "--batch is 6, but there are only 5 training pictures");
    CHECK_STRING(notes, "");
    ic_training_data_close(&data);
    job.batch = 2;
    CHECK_FAILS(open_data(&data, &job, NULL), IC_ERR_FORMAT, "1 of the 9 pictures in");
    CHECK(strstr(notes, "pug_99.png cannot be read: ") != NULL);
    ic_training_data_close(&data);
    job.bad_images = "skip";
    CHECK_OK(open_data(&data, &job, NULL));
    CHECK(strstr(notes, "pug_99.png is left out: ") != NULL);
    CHECK_INT(data.dataset.count, 8);
    CHECK(strncmp(data.fingerprint, "8-", 2) == 0);
    ic_training_data_close(&data);

    kit_draw(lonely, 1);
    job.data = lonely;
    CHECK_FAILS(open_data(&data, &job, NULL), IC_ERR_USAGE, "are of one class");
    ic_training_data_close(&data);
    free(folder), free(lonely);
}

static void missing_classes(void)
{
    const size_t on_side[] = {3, 0, 2, 0};
    const struct ic_class_counts counts = {.classes = 4};
    int first = -2;

    CHECK_INT(ic_class_counts_missing(&counts, on_side, &first), 2);
    CHECK_INT(first, 1);
}

static void stops(void)
{
    const atomic_int stop = 1;
    struct ic_training_data data = {0};
    struct ic_job job = kit_job(pets, "none");

    CHECK_OK(open_data(&data, &job, &stop));
    CHECK_STRING(data.fingerprint, "");
    ic_training_data_close(&data);
}

/* A batch of labels has the samples of the batch of pictures, which can be loaded, and
 * a part of a batch has some of them. */
static void loads(const char *augment, int64_t epoch)
{
    struct ic_training_data data = {0};
    struct ic_job job = kit_job(pets, "none");
    const struct ic_model model = {.size = 32, .presize = 48, .fit = IC_FIT_SQUISH};
    const struct ic_stretch all = {0, 4}, none = {2, 2}, last = {3, 4};
    struct ic_loader *pictures = NULL, *labels = NULL, *some = NULL, *shown = NULL;
    const struct ic_batch *batch, *label, *part, *seen;

    job.augment = augment;
    CHECK_OK(open_data(&data, &job, NULL));
    CHECK_OK(ic_training_data_load(&data, &model, epoch, 2, all, &pictures, &error));
    CHECK_OK(ic_training_data_load(&data, &model, epoch, 2, none, &labels, &error));
    CHECK_OK(ic_training_data_load(&data, &model, epoch, 2, last, &some, &error));
    for (int i = 2; i < 4; i++) {
        CHECK_OK(ic_loader_next(pictures, &batch, &error));
        CHECK_OK(ic_loader_next(labels, &label, &error));
        CHECK_INT(batch->count, 4);
        CHECK_INT(label->count, 4);
        CHECK(memcmp(batch->samples, label->samples, 4 * sizeof *batch->samples) == 0);
        CHECK(memcmp(batch->labels, label->labels, 4 * sizeof *batch->labels) == 0);
        CHECK_OK(ic_training_data_load_pictures(&data, &model, label, &shown, &error));
        CHECK_OK(ic_loader_next(shown, &seen, &error));
        CHECK_INT(seen->count, 4);
        CHECK(memcmp(seen->samples, label->samples, 4 * sizeof *batch->samples) == 0);
        CHECK(memcmp(seen->rgb, batch->rgb, 4 * 32 * 32 * 3) == 0);
        CHECK_OK(ic_loader_next(shown, &seen, &error));
        CHECK_INT(seen->count, 0);
        ic_loader_close(shown);
        CHECK_OK(ic_loader_next(some, &part, &error));
        CHECK(part->count == 4 && part->first == 3 && part->own == 1);
        CHECK(memcmp(part->samples, label->samples, 4 * sizeof *batch->samples) == 0);
        CHECK(memcmp(part->rgb, batch->rgb + 3 * 32 * 32 * 3, 32 * 32 * 3) == 0);
    }
    CHECK_OK(ic_loader_next(pictures, &batch, &error));
    CHECK_INT(batch->count, 0);
    ic_loader_close(pictures);
    ic_loader_close(labels);
    ic_loader_close(some);
    ic_training_data_close(&data);
}

int main(void)
{
    base = folder_make();
    pets = folder_path(base, "pets");
    kit_draw(pets, 32);
    splits();
    refusals();
    missing_classes();
    stops();
    loads("none", 1);
    loads("fastai", 0);
    free(pets);
    folder_remove(base);
    return check_result();
}
