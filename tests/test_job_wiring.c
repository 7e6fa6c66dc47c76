/* SPDX-License-Identifier: MIT */
/*
 * From a job to what does its work: the loader of training pictures, the learner and
 * its steps, the features, and the loop of the range test. What an option does there
 * has tests of its own; here it only has to arrive. (tests/options.sh looks at the
 * results of all options, in minutes.)
 */
#include "base/file.h"
#include "model/init.h"
#include "pictures.h"
#include "train/find_lr.h"
#include "train/trainer.h"
#include "train/validate.h"
#include "train_kit.h"

enum { STEPS = 6, PICTURES = 32 };

static char *data;
static struct ic_error error;
static struct ic_listener listener;

/* Three dogs for each cat, as JPEGs large enough to be decoded at half their size. */
static void draw_pictures(void)
{
    for (int i = 0; i < PICTURES; i++) {
        char name[32];

        snprintf(name, sizeof name, "images/%s_%d.jpg", i % 4 > 0 ? "pug" : "Manx", i);
        picture_put(data, name, false, 120 + i % 3, 108, i);
    }
}

static struct ic_job job_of(void)
{
    return kit_job(data, "none");
}

static void open_data(struct ic_training_data *pictures, struct ic_job *job)
{
    CHECK_OK(ic_job_check(job, &error));
    CHECK_OK(ic_training_data_open(pictures, job, &error));
    CHECK_OK(ic_training_data_check(pictures, &listener, &error));
}

/* --- the loader ---------------------------------------------------------------------
 */

/* The checksum of an epoch's pictures. */
static uint32_t pictures_of(struct ic_job *job, int64_t epoch)
{
    const struct ic_model model = {.size = 32, .presize = 48, .fit = IC_FIT_CROP};
    struct ic_training_data pictures;
    struct ic_loader *loader = NULL;
    const struct ic_batch *batch;
    uint32_t crc = 0;

    open_data(&pictures, job);
    CHECK_OK(ic_training_data_load(&pictures, &model, epoch, 0,
                                   (struct ic_stretch){0, (size_t)job->batch}, &loader,
                                   &error));
    do {
        CHECK_OK(ic_loader_next(loader, &batch, &error));
        crc = ic_file_crc32(crc, batch->rgb, (size_t)batch->count * 32 * 32 * 3);
    } while (batch->count > 0);
    ic_loader_close(loader);
    ic_training_data_close(&pictures);
    return crc;
}

static void pictures_change(void)
{
    struct ic_job job = job_of(), flip = job, fastai = job, fast = job, balanced = job;
    const uint32_t plain = pictures_of(&job, 0);

    CHECK_INT(pictures_of(&job, 0), plain);
    CHECK(pictures_of(&job, 1) != plain);
    flip.augment = "flip";
    CHECK(pictures_of(&flip, 0) != plain);
    fastai.augment = "fastai";
    CHECK(pictures_of(&fastai, 0) != plain);
    CHECK(pictures_of(&fastai, 0) != pictures_of(&flip, 0));
    fast.decode = "fast";
    CHECK(pictures_of(&fast, 0) != plain);
    balanced.sampling = "balanced";
    CHECK(pictures_of(&balanced, 0) != plain);
}

/* --- the learner --------------------------------------------------------------------
 */

/* Opens the job's learner, whose weights are all 0.01. */
static void open_learner(struct ic_learner *learner, struct ic_training_data *pictures,
                         struct ic_job *job)
{
    const struct ic_engine *engine = &learner->engine;

    open_data(pictures, job);
    CHECK_OK(ic_learner_open(learner, job, NULL, &pictures->dataset, &error));
    engine->backend->fill(engine->device, ic_net_params(engine->net), 0.01f,
                          engine->graph.param_floats);
}

static void close_learner(struct ic_learner *learner, struct ic_training_data *pictures)
{
    ic_learner_close(learner);
    ic_training_data_close(pictures);
}

static void steps_know_the_job(void)
{
    struct ic_job job = job_of();
    struct ic_training_data pictures;
    struct ic_learner learner;

    job.seed = 77;
    job.label_smoothing = 0.25;
    job.clip_norm = 3;
    job.cutmix = 0.5;
    job.resize = "squish";
    job.exif_orientation = "apply";
    job.class_weights = "balanced";
    job.ema = 0.5;
    open_learner(&learner, &pictures, &job);
    CHECK_INT(learner.stepper.seed, 77);
    CHECK_NEAR(learner.stepper.label_smoothing, 0.25, 0);
    CHECK_NEAR(learner.stepper.clip_norm, 3, 0);
    CHECK(learner.stepper.mixup == &learner.mixup && learner.mixup.cutmix);
    CHECK_NEAR(learner.mixup.alpha, 0.5, 0);
    CHECK_INT(learner.model.fit, IC_FIT_SQUISH);
    CHECK(learner.model.upright);
    CHECK(ic_net_plan(learner.engine.net)->options.weighted);
    CHECK(ic_net_plan(learner.engine.net)->options.average);
    close_learner(&learner, &pictures);

    job.cutmix = 0;
    job.mixup = 0.125;
    open_learner(&learner, &pictures, &job);
    CHECK(learner.stepper.mixup == &learner.mixup && !learner.mixup.cutmix);
    CHECK_NEAR(learner.mixup.alpha, 0.125, 0);
    close_learner(&learner, &pictures);
}

/* The features of the first batch, from pictures that are squished and decoded exactly.
 */
static void check_features(const struct ic_learner *learner,
                           const struct ic_training_data *pictures)
{
    const uint32_t samples[] = {0, 1, 2, 3};
    const struct ic_loader_options options = {.dataset = &pictures->dataset,
                                              .samples = samples,
                                              .sample_count = 4,
                                              .batch = 4,
                                              .size = 32,
                                              .fit = IC_FIT_SQUISH,
                                              .workers = 1};
    const struct ic_features *features = &learner->features;
    struct ic_net *net = learner->engine.net;
    char *expected = check_alloc(4, features->bytes);
    struct ic_loader *loader = NULL;
    const struct ic_batch *batch;

    CHECK_OK(ic_loader_open(&options, &loader, &error));
    CHECK_OK(ic_loader_next(loader, &batch, &error));
    ic_net_input(net, batch->rgb, 4, learner->model.mean, learner->model.std);
    ic_net_features(net, expected);
    CHECK(memcmp(features->values, expected, 4 * features->bytes) == 0);
    ic_loader_close(loader);
    free(expected);
}

/* The checksum of the features of all pictures, with a body whose batch norms are
 * frozen, or 0 where there are none. */
static uint32_t features_of(struct ic_job *job)
{
    const struct ic_freeze rigid = {IC_GROUP_HEAD, true};
    struct ic_training_data pictures;
    struct ic_learner learner;
    const struct ic_features *features;
    uint32_t crc = 0;

    open_learner(&learner, &pictures, job);
    CHECK_OK(ic_learner_enter_phase(&learner, rigid, 0, &error));
    CHECK_OK(ic_learner_find_features(&learner, rigid, &pictures, &listener, &error));
    features = ic_learner_features(&learner);
    CHECK(learner.stepper.features == features);
    if (features != NULL) {
        crc = ic_file_crc32(0, features->values, features->bytes * PICTURES);
        if (strcmp(job->decode, "exact") == 0)
            check_features(&learner, &pictures);
    }
    close_learner(&learner, &pictures);
    return crc;
}

/* A body gives the same features in every epoch only where pictures are neither changed
 * nor mixed. */
static void features_change(void)
{
    struct ic_job job = job_of(), fast, crop, mixup, cutmix, flip;
    uint32_t plain;

    job.resize = "squish";
    fast = crop = mixup = cutmix = flip = job;
    plain = features_of(&job);
    CHECK(plain != 0);
    fast.decode = "fast";
    CHECK(features_of(&fast) != plain && features_of(&fast) != 0);
    crop.resize = "crop"; /* at a place that is drawn */
    CHECK_INT(features_of(&crop), 0);
    mixup.mixup = 0.4;
    CHECK_INT(features_of(&mixup), 0);
    cutmix.cutmix = 0.4;
    CHECK_INT(features_of(&cutmix), 0);
    flip.augment = "flip";
    CHECK_INT(features_of(&flip), 0);
}

/* --- validation ----------------------------------------------------------------------
 */

static double loss_of(const char *decode)
{
    struct ic_job job = job_of();
    const struct ic_step_report now = {0};
    struct ic_training_data pictures;
    struct ic_validation validation = {0};
    struct ic_learner learner;

    job.decode = decode;
    open_learner(&learner, &pictures, &job);
    CHECK_OK(ic_init_weights(learner.engine.net, 5, &error));
    CHECK_OK(ic_validate(&learner, &pictures, &now, &listener, &validation, &error));
    close_learner(&learner, &pictures);
    return validation.loss;
}

static void validation_changes(void)
{
    const double exact = loss_of("exact"), fast = loss_of("fast");

    CHECK(exact > 0 && fast > 0 && fast != exact);
}

/* --- the range test -----------------------------------------------------------------
 */

/* Each step draws partners of its own: mixup's numbers depend on the job's seed and on
 * the number of the step. */
static void steps_count(void)
{
    struct ic_job job = job_of(), own;
    struct ic_lr_curve curve;
    struct ic_trainer trainer;
    struct ic_loader *loader = NULL;
    const struct ic_batch *batch;

    job.mixup = 0.4;
    own = job; /* a copy, which the test completes */
    CHECK_OK(ic_find_lr(&own, STEPS, NULL, NULL, &curve, &error));
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_OK(ic_trainer_open(&trainer, &job, true, &listener, &error));
    CHECK_OK(
        ic_learner_enter_phase(&trainer.learner, (struct ic_freeze){0}, 0, &error));
    CHECK_OK(ic_training_data_load(&trainer.data, &trainer.learner.model, 0, 0,
                                   ic_learner_part(&trainer.learner), &loader, &error));
    for (int i = 0; i < 3 && check_failures == 0; i++) {
        const double lr = curve.points[i].lr;
        const struct ic_rates rates = {.lr = {lr, lr, lr}, .momentum = 0.9};
        double loss = 0;

        CHECK_OK(ic_loader_next(loader, &batch, &error));
        CHECK_OK(
            ic_step(&trainer.learner.stepper, batch, i, &rates, &loss, NULL, &error));
        CHECK_NEAR(loss, curve.points[i].loss, 0);
    }
    ic_loader_close(loader);
    ic_trainer_close(&trainer);
    ic_lr_curve_free(&curve);
}

int main(void)
{
    char *base = folder_make();

    data = folder_path(base, "pets");
    draw_pictures();
    pictures_change();
    steps_know_the_job();
    features_change();
    validation_changes();
    steps_count();
    free(data);
    folder_remove(base);
    return check_result();
}
