/* SPDX-License-Identifier: MIT */
/*
 * Training a small network on drawn pictures: the network learns, the run reports its
 * progress, writes the promised files, and refuses impossible jobs.
 */
#include "base/file.h"
#include "data/split.h"
#include "model/engine.h"
#include "model/weights.h"
#include "score/eval.h"
#include "train_kit.h"

static char *base, *data;
static struct ic_error error;

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* --- an uninterrupted run --------------------------------------------------------- */

static void check_tables(const char *out, const struct kit_result *result)
{
    char *steps = kit_content(out, "steps.csv");
    char *metrics = kit_content(out, "metrics.csv");
    const char *row = strchr(metrics, '\n') + 1;
    const char *first = strchr(steps, '\n') + 1;
    double train_loss, valid_loss, error_rate, seconds, rate, lr, momentum, loss;

    CHECK_INT(count_lines(steps), 1 + 24);
    CHECK_INT(count_lines(metrics), 1 + 6);
    CHECK_INT(sscanf(first, "1,one-cycle,%lf,%lf,%lf", &lr, &momentum, &loss), 3);
    CHECK_NEAR(lr, 1e-3 / 25, 1e-9);
    CHECK_NEAR(momentum, 0.95, 1e-9);
    CHECK_NEAR(loss, result->first_loss, 1e-8 * loss);
    for (int epoch = 0; epoch < 5; epoch++)
        row = strchr(row, '\n') + 1;
    CHECK_INT(sscanf(row, "one-cycle,5,24,%lf,%lf,%lf,%lf,%lf", &train_loss,
                     &valid_loss, &error_rate, &seconds, &rate),
              5);
    CHECK_NEAR(train_loss, result->last_epoch.train_loss, 1e-8);
    CHECK_NEAR(valid_loss, result->last_epoch.valid_loss, 1e-8);
    CHECK_NEAR(error_rate, result->last_epoch.error_rate, 1e-8);
    CHECK(seconds > 0 && rate > 0);
    free(steps);
    free(metrics);
}

/* A listener in the loop of evaluation. */
struct listener {
    int images, batches;
    atomic_int stop;
    int stop_after; /* in batches */
};

static void listen(void *context, const struct ic_batch *batch, const float *logits)
{
    struct listener *listener = context;

    for (int i = 0; i < 2 * batch->count; i++)
        CHECK(isfinite(logits[i]));
    listener->images += batch->count;
    if (++listener->batches == listener->stop_after)
        listener->stop = 1;
}

/* The stop flag, pictures without labels, and weights that overflow. */
static void evaluate_otherwise(struct ic_engine *engine, struct ic_dataset *dataset,
                               struct ic_eval_options *options)
{
    struct listener listener = {.stop_after = 2};
    struct ic_scores scores = {0};
    const float nan = NAN;

    options->on_batch = listen;
    options->context = &listener;
    options->stop = &listener.stop;
    CHECK_OK(ic_evaluate(engine->net, options, &scores, &error));
    CHECK(scores.stopped);
    CHECK_INT(scores.images, 10);
    CHECK_INT(listener.images, 10);
    ic_scores_free(&scores);

    for (size_t i = 0; i < dataset->count; i++)
        dataset->samples[i].label = -1;
    listener = (struct listener){0};
    CHECK_OK(ic_evaluate(engine->net, options, &scores, &error));
    CHECK(!scores.stopped);
    CHECK_INT(scores.images, 0);
    CHECK_INT(listener.images, 16);
    CHECK_INT(listener.batches, 4); /* 5 + 5 + 5 + 1 */
    CHECK_NEAR(ic_scores_loss(&scores), 0, 0);
    CHECK_NEAR(ic_scores_error_rate(&scores), 0, 0);
    ic_scores_free(&scores);

    engine->backend->upload(engine->device, ic_net_params(engine->net), &nan,
                            sizeof nan);
    CHECK_FAILS(ic_evaluate(engine->net, options, &scores, &error), IC_ERR_NUMERIC,
                "the network's output for images/");
    CHECK(scores.confusion == NULL);
}

/* In a process of its own, loads only the model file and evaluates it. */
static void evaluate(const char *path, const struct kit_result *result)
{
    struct ic_safetensors *file = NULL;
    struct ic_model model = {0};
    struct ic_engine engine = {0};
    struct ic_dataset dataset = {0};
    struct ic_split split = {0};
    struct ic_scores scores = {0};
    const struct ic_engine_options engine_options = {
        .compute = {.device = "cpu", .conv = "auto", .precision = "fp32", .threads = 2},
        .plan = {.batch = 5},
    };
    struct ic_eval_options options = {.model = &model, .batch = 5, .workers = 1};
    int64_t tracked = 0;
    uint64_t right = 0;

    CHECK_OK(ic_safetensors_open(path, &file, &error));
    CHECK_OK(ic_model_from_metadata(&model, file, path, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &engine_options, &error));
    CHECK_OK(ic_weights_load(engine.net, ic_safetensors_tensors(file), "", path,
                             &tracked, &error));
    CHECK_OK(ic_dataset_open(data, IC_LABELS_SPECIES, &dataset, &error));
    CHECK_OK(ic_split_make(&dataset, "random", 0.5, 42, 0, &split, &error));
    options.dataset = &dataset;
    options.samples = split.valid;
    options.sample_count = split.valid_count;
    CHECK_OK(ic_evaluate(engine.net, &options, &scores, &error));

    CHECK_STRING(model.arch, "resnet18");
    CHECK_STRING(model.classes[0], "cat");
    CHECK_INT(model.size, 32);
    CHECK_INT(tracked, 24);
    CHECK_INT(scores.images, 16);
    CHECK(!scores.stopped);
    CHECK_NEAR(ic_scores_error_rate(&scores), result->last_epoch.error_rate, 0);
    CHECK_NEAR(ic_scores_loss(&scores), result->last_epoch.valid_loss, 1e-6);
    for (int c = 0; c < 2; c++)
        right += scores.confusion[2 * c + c];
    CHECK_INT(right, scores.images - scores.wrong);
    CHECK_INT(scores.confusion[0] + scores.confusion[1] + scores.confusion[2] +
                  scores.confusion[3],
              16);
    ic_scores_free(&scores);
    evaluate_otherwise(&engine, &dataset, &options);

    ic_split_free(&split);
    ic_dataset_close(&dataset);
    ic_engine_close(&engine);
    ic_model_free(&model);
    ic_safetensors_close(file);
}

static void evaluate_in_child(const char *path, const struct kit_result *result)
{
    int how = 0;
    const pid_t process = fork();

    if (process == 0) {
        evaluate(path, result);
        exit(check_result());
    }
    if (process < 0 || waitpid(process, &how, 0) != process)
        folder_broke("fork");
    CHECK_INT(how, 0);
}

static void learns(void)
{
    char *out = folder_path(base, "learns"),
         *model = folder_path(out, "model.%s", "safetensors");
    struct ic_job job = kit_job(data, out);
    struct kit_result *result;
    char *conf, *split;

    job.arch = "resnet18";
    job.epochs = 6;
    job.optimizer = "adam";
    job.lr = 1e-3;
    job.checkpoint_every = 0;
    job.augment = "flip";
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_STRING(result->error.message, "");
    CHECK_INT(result->end, IC_RUN_DONE);
    CHECK_INT(result->starts, 1);
    CHECK_INT(result->start.train_images, 16);
    CHECK_INT(result->start.valid_images, 16);
    CHECK_INT(result->start.steps, 24);
    CHECK_INT(result->start.step, 0);
    CHECK(result->start.memory_bytes > 11000000u * 4 * 3);
    CHECK_INT(result->first_batches, 1);
    CHECK_INT(result->first_batch_images, 4);
    CHECK_INT(result->first_batch_size, 32);
    CHECK_INT(result->steps_before_batch, 0);
    CHECK_INT(result->steps, 24);
    CHECK_INT(result->validation_steps, 6 * 4);
    CHECK_INT(result->epochs, 6);
    CHECK_INT(result->notes, 0);
    CHECK_INT(result->last_step.step, 24);
    CHECK_INT(result->last_step.batch, 4);
    CHECK_INT(result->last_step.train_left, 0);
    CHECK_INT(result->last_step.valid_left, 16);
    CHECK(result->last_epoch.valid_loss < 0.5);
    CHECK_NEAR(result->last_epoch.error_rate, 0, 0.25);
    CHECK(result->last_smooth_loss < 0.8 * result->first_loss);

    check_tables(out, result);
    evaluate_in_child(model, result);
    conf = kit_content(out, "job.conf");
    CHECK(strstr(conf, "arch = resnet18\n") != NULL);
    CHECK(strstr(conf, "workers = 2\n") != NULL);
    split = kit_content(out, "split.txt");
    CHECK_INT(count_lines(split), 16);
    free(conf), free(split), free(out), free(model);
}

/* --- limits ----------------------------------------------------------------------- */

/* max_steps cuts an epoch short; this epoch is validated and ends the run. */
static void max_steps(void)
{
    char *out = folder_path(base, "max-steps");
    struct ic_job job = kit_job(data, out);
    struct kit_result *result;
    char *metrics;

    job.max_steps = 5;
    job.optimizer = "adam";
    job.lr = 1e-3;
    job.label_smoothing = 0.1;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->end, IC_RUN_DONE);
    CHECK_INT(result->steps, 5);
    CHECK_INT(result->epochs, 2);
    CHECK_INT(result->last_step.batches, 1);
    CHECK_INT(result->last_step.steps, 5);
    metrics = kit_content(out, "metrics.csv");
    CHECK(strstr(metrics, "\none-cycle,1,5,") != NULL);
    job.resume = true;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->steps, 0);
    CHECK(strstr(result->all_notes, "is finished: 5 steps are done") != NULL);
    free(out), free(metrics);
}

/* If a picture of the first batch cannot be written, the run ends. */
static void first_batch_fails(void)
{
    static const struct kit_interrupt failing = {.moment = KIT_FIRST_BATCH};
    char *out = folder_path(base, "full");
    struct ic_job job = kit_job(data, out);
    const struct kit_result *result = kit_run(&job, &failing);

    CHECK_INT(result->status, IC_ERR_IO);
    CHECK(strstr(result->error.message, "/full is full") != NULL);
    CHECK_INT(result->steps, 0);
    job.resume = true;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->first_batches, 1); /* nothing was trained before */
    CHECK_INT(result->steps, 8);
    free(out);
}

/* The steps and their learning rates are those of the batch, and the batch norms have
 * seen every micro-batch. */
static void micro_batch(void)
{
    char *whole_out = folder_path(base, "whole"), *out = folder_path(base, "micro");
    char *path = folder_path(out, "model.safetensors");
    struct ic_job whole_job = kit_job(data, whole_out), job = kit_job(data, out);
    const struct kit_result *whole, *micro;
    struct ic_safetensors *file = NULL;
    int64_t tracked = 0;

    whole_job.batch = job.batch = 8;
    job.micro_batch = 3;
    job.epochs = whole_job.epochs = 1;
    whole = kit_run(&whole_job, NULL);
    micro = kit_run(&job, NULL);
    CHECK_INT(whole->status, IC_OK);
    CHECK_STRING(micro->error.message, "");
    CHECK_INT(micro->steps, whole->steps);
    CHECK_INT(micro->steps, 2);
    CHECK_NEAR(micro->last_step.lr, whole->last_step.lr, 0);
    CHECK_INT(micro->last_step.train_left, whole->last_step.train_left);
    CHECK_INT(micro->validation_steps, 6); /* 16 pictures, 3 at a time */
    CHECK_OK(ic_safetensors_open(path, &file, &error));
    if (file != NULL) {
        const struct ic_tensor *tensor =
            ic_safetensors_find(file, "bn1.num_batches_tracked");

        memcpy(&tracked, tensor->data, sizeof tracked);
    }
    CHECK_INT(tracked, 2 * 3);
    ic_safetensors_close(file);
    free(whole_out), free(out), free(path);
}

#define REFUSED(job, expected, text)                                                   \
    do {                                                                               \
        const struct kit_result *check_r = kit_run((job), NULL);                       \
        CHECK_INT(check_r->status, (expected));                                        \
        if (strstr(check_r->error.message, (text)) == NULL)                            \
            CHECK_FAIL("said \"%s\", without \"%s\"", check_r->error.message, (text)); \
        CHECK_INT(check_r->steps, 0);                                                  \
    } while (0)

/* Refused before any work, and without leaving a file. */
static void refused(void)
{
    char *out = folder_path(base, "refused"), *missing = folder_path(base, "missing");
    struct ic_job job = kit_job(data, out);

    job.batch = 17;
    REFUSED(&job, IC_ERR_USAGE,
            "--batch is 17, but there are only 16 training pictures");
    job.batch = 60000;
    job.size = 4096;
    REFUSED(&job, IC_ERR_LIMIT, "");
    job.batch = 1;
    job.size = 32;
    job.arch = "resnet18"; /* whose last stage has one pixel at 32 x 32 */
    REFUSED(&job, IC_ERR_USAGE, "layer4.0.bn1 a single value per channel");
    job.batch = 5;
    job.micro_batch = 2;
    REFUSED(
        &job, IC_ERR_USAGE,
        "the last micro-batch of --batch 5 with --micro-batch 2 with --size 32 gives");
    job = kit_job(missing, out);
    REFUSED(&job, IC_ERR_IO, "missing");
    job = kit_job(data, out);
    job.lr = -1;
    REFUSED(&job, IC_ERR_USAGE, "--lr is -1");
    job = kit_job(data, out);
    job.compute.device = "abacus";
    REFUSED(&job, IC_ERR_USAGE, "abacus");
    CHECK(!ic_file_exists(out));
    job = kit_job(data, data); /* not empty, and not a run folder */
    REFUSED(&job, IC_ERR_USAGE, "exists");
    free(out), free(missing);
}

/* A failure before the first step leaves no run folder. */
static void stopped_before(void)
{
    const struct kit_interrupt interrupt = {.moment = KIT_BEGINNING};
    char *out = folder_path(base, "stopped");
    const struct ic_job job = kit_job(data, out);
    const struct kit_result *result = kit_run(&job, &interrupt);

    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->end, IC_RUN_NOT_BEGUN);
    CHECK_INT(result->starts, 0);
    CHECK(!ic_file_exists(out));
    free(out);
}

/* --- numbers that are no longer finite -------------------------------------------- */

static void not_finite(void)
{
    char *out = folder_path(base, "nan");
    struct ic_job job = kit_job(data, out);
    const struct kit_result *result;
    struct ic_safetensors *file = NULL;
    char *path = folder_path(out, "checkpoint.safetensors");

    job.lr = 1000; /* the largest allowed value */
    job.epochs = 20;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_ERR_NUMERIC);
    CHECK(strstr(result->error.message, "is not finite") != NULL ||
          strstr(result->error.message, "are not finite") != NULL);
    if (strstr(result->error.message, "of step") != NULL) {
        CHECK(strstr(result->error.message, "at learning rate") != NULL);
        CHECK(strstr(result->error.message, "images/") != NULL);
        CHECK_INT(result->notes, job.batch);
        CHECK(strstr(result->all_notes, "picture 4 of the batch: images/") != NULL);
    } else if (strstr(result->error.message, "the network's output") != NULL) {
        CHECK(strstr(result->error.message, ": a lower --lr may help") != NULL);
    }
    CHECK_OK(ic_safetensors_open(path, &file, &error)); /* the earlier model is whole */
    for (size_t i = 0; file != NULL && i < ic_safetensors_count(file); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(file, i);
        const float *values = tensor->data;
        size_t finite = 0;

        for (size_t k = 0; tensor->dtype == IC_F32 && k < tensor->count; k++)
            finite += isfinite(values[k]) != 0;
        if (tensor->dtype == IC_F32)
            CHECK_INT(finite, tensor->count);
    }
    ic_safetensors_close(file);
    free(out), free(path);
}

/* --- unreadable pictures ---------------------------------------------------------- */

static void bad_images(void)
{
    char *broken = folder_path(base, "broken"), *out = folder_path(base, "bad");
    struct ic_job job = kit_job(broken, out);
    struct kit_result *result;

    kit_draw(broken, 32);
    folder_put_text(broken, "images/pug_77.jpg", "no picture at all");
    folder_put(broken, "images/Manx_78.jpg", "\xff\xd8\xff\xe0", 4);
    job.epochs = 1;
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_ERR_FORMAT);
    CHECK(strstr(result->error.message, "2 of the 34 pictures") != NULL);
    CHECK(strstr(result->error.message, "images/Manx_78.jpg") != NULL);
    CHECK(strstr(result->error.message, "--bad-images skip") != NULL);
    CHECK_INT(result->notes, 2);
    CHECK(strstr(result->all_notes, "images/pug_77.jpg cannot be read: ") != NULL);
    CHECK(!ic_file_exists(out));

    job.bad_images = "skip";
    result = kit_run(&job, NULL);
    CHECK_INT(result->status, IC_OK);
    CHECK_INT(result->notes, 2);
    CHECK(strstr(result->all_notes, "images/pug_77.jpg is left out: ") != NULL);
    CHECK_INT(result->start.train_images + result->start.valid_images, 32);
    free(broken), free(out);
}

int main(void)
{
    base = folder_make();
    data = folder_path(base, "pets");
    kit_draw(data, 32);
    learns();
    max_steps();
    first_batch_fails();
    micro_batch();
    refused();
    stopped_before();
    not_finite();
    bad_images();
    folder_remove(base);
    free(data);
    return check_result();
}
