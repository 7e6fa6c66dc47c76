/* SPDX-License-Identifier: MIT */
/*
 * One classifier in memory and the threads that score with it: their bits, their
 * memory, and which pictures in memory are accepted.
 */
#include <limits.h>
#include <pthread.h>

#include "backend/cpu/cpu.h"
#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "graph/fold.h"
#include "model/engine.h"
#include "model/init.h"
#include "pictures.h"
#include "score/eval.h"
#include "score/scorer.h"
#include "train/model_file.h"

enum { COUNT = 8, BATCH = 4, CLASSES = 37, SIZE = 32, REPEATS = 5 };

static struct ic_error error;
static char *folder, *paths[COUNT];
static struct ic_model model;
static float expected[COUNT][CLASSES];

/* Pictures, a model and its weights file. */
static void make_files(void)
{
    const struct ic_engine_options options = {.compute = ic_compute_default,
                                              .plan = {.batch = 1}};
    struct ic_engine engine;
    char *path;

    folder = folder_make();
    path = folder_path(folder, "model.safetensors");
    for (int i = 0; i < COUNT; i++) {
        char name[32];

        snprintf(name, sizeof name, "%02d.%s", i, i % 2 ? "png" : "jpg");
        picture_put(folder, name, i % 2, 40 + 3 * i, 70 - 2 * i, i);
        paths[i] = folder_path(folder, "%s", name);
    }
    CHECK_OK(ic_model_init(&model, "resnet18", "plain", NULL, CLASSES, "folder", SIZE,
                           IC_FIT_CROP, &error));
    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    CHECK_OK(ic_init_weights(engine.net, 5, &error));
    CHECK_OK(ic_model_file_save(path, &model, engine.net, 0, &error));
    ic_engine_close(&engine);
    free(path);
}

static struct ic_classifier *open_classifier(int threads, enum ic_fold fold)
{
    char device[] = "cpu", conv[] = "auto", precision[] = "fp32";
    char *path = folder_path(folder, "model.safetensors");
    const struct ic_model_source source = {.path = path};
    const struct ic_compute compute = {
        .device = device, .conv = conv, .precision = precision, .threads = threads};
    struct ic_classifier *classifier;

    CHECK_OK(ic_classifier_open(&source, &compute, BATCH, fold, &classifier, &error));
    if (classifier == NULL)
        exit(99);
    memset(device, 'x', sizeof device - 1); /* the strings are no longer needed */
    memset(conv, 'x', sizeof conv - 1);
    memset(precision, 'x', sizeof precision - 1);
    free(path);
    return classifier;
}

static struct ic_scorer *open_scorer(const struct ic_classifier *classifier)
{
    struct ic_scorer *scorer;

    CHECK_OK(ic_scorer_open(classifier, &scorer, &error));
    if (scorer == NULL)
        exit(99);
    return scorer;
}

/* Scores all pictures from their files, one batch at a time, the last batch first if
 * `backward`. */
static void score_files(struct ic_scorer *scorer, bool backward,
                        float logits[COUNT][CLASSES])
{
    struct ic_error own;

    for (int done = 0; done < COUNT; done += BATCH) {
        const int first = backward ? COUNT - BATCH - done : done;

        for (int i = 0; i < BATCH; i++)
            CHECK_OK(
                ic_scorer_set_file(scorer, i, paths[first + i], IC_DECODE_EXACT, &own));
        CHECK_OK(ic_scorer_run(scorer, BATCH, logits[first], &own));
    }
}

/* --- bits ---------------------------------------------------------------------- */

static int evaluated;

static void compare_batch(void *context, const struct ic_batch *batch,
                          const float *logits)
{
    CHECK(memcmp(logits, expected[evaluated],
                 (size_t)batch->count * CLASSES * sizeof *logits) == 0);
    evaluated += batch->count;
}

/* The loop of `eval` and `predict` gives the same as one picture after the other. */
static void evaluation(struct ic_scorer *scorer)
{
    uint32_t samples[COUNT];
    struct ic_dataset dataset;
    struct ic_scores scores;
    const struct ic_eval_options options = {
        .model = &model,
        .dataset = &dataset,
        .samples = samples,
        .sample_count = COUNT,
        .batch = BATCH,
        .workers = 2,
        .on_batch = compare_batch,
    };

    CHECK_OK(
        ic_dataset_open_paths((const char *const *)paths, COUNT, &dataset, &error));
    for (uint32_t i = 0; i < COUNT; i++)
        samples[i] = i;
    CHECK_OK(ic_evaluate(ic_scorer_net(scorer), &options, &scores, &error));
    CHECK_INT(evaluated, COUNT);
    ic_scores_free(&scores);
    ic_dataset_close(&dataset);
}

/* A picture's bits depend neither on the other pictures of its batch nor on its
 * position. */
static void any_batch(struct ic_scorer *scorer)
{
    for (int count = 1; count <= BATCH; count++)
        for (int first = 0; first + count <= COUNT; first++) {
            float logits[BATCH][CLASSES];

            for (int i = 0; i < count; i++)
                CHECK_OK(ic_scorer_set_file(scorer, i, paths[first + i],
                                            IC_DECODE_EXACT, &error));
            CHECK_OK(ic_scorer_run(scorer, count, logits[0], &error));
            CHECK(memcmp(logits, expected[first], (size_t)count * sizeof logits[0]) ==
                  0);
        }
}

/* From memory that is freed before the batch is computed. */
static void memory(struct ic_scorer *scorer)
{
    float logits[BATCH][CLASSES];

    for (int i = 0; i < BATCH; i++) {
        uint8_t *bytes;
        size_t size;

        CHECK_OK(ic_file_read(paths[i], 1 << 20, &bytes, &size, &error));
        CHECK_OK(ic_scorer_set_bytes(scorer, i, bytes, size, "upload", IC_DECODE_EXACT,
                                     &error));
        memset(bytes, 0xff, size);
        free(bytes);
    }
    CHECK_OK(ic_scorer_run(scorer, BATCH, logits[0], &error));
    CHECK(memcmp(logits, expected, sizeof logits) == 0);
}

/* Pixels that the caller has decoded score like their files. */
static void pixels(struct ic_scorer *scorer)
{
    float logits[BATCH][CLASSES];
    static const uint8_t none[3];

    for (int i = 0; i < BATCH; i++) {
        struct ic_image image;
        uint8_t *bytes;
        size_t size;

        CHECK_OK(ic_file_read(paths[i], 1 << 20, &bytes, &size, &error));
        CHECK_OK(ic_image_decode(bytes, size, paths[i], &image, NULL, &error));
        CHECK_OK(ic_scorer_set_pixels(scorer, i, image.rgb, (unsigned long)image.width,
                                      (unsigned long)image.height, "array", &error));
        ic_image_free(&image);
        free(bytes);
    }
    CHECK_FAILS(ic_scorer_set_pixels(scorer, 0, none, 0, 1, "array 3", &error),
                IC_ERR_FORMAT, "array 3 has no pixels (0 x 1)");
    CHECK_FAILS(ic_scorer_set_pixels(scorer, 0, none, 1, ULONG_MAX, "array 3", &error),
                IC_ERR_LIMIT, "a side may have at most 32768");
    CHECK_FAILS(ic_scorer_set_pixels(scorer, 0, none, 32768, 32768, "array 3", &error),
                IC_ERR_LIMIT, "pixels");
    CHECK_OK(ic_scorer_run(scorer, BATCH, logits[0], &error));
    CHECK(memcmp(logits, expected, sizeof logits) == 0);
}

struct thread {
    pthread_t thread;
    struct ic_scorer *scorer;
    pthread_barrier_t *start;
    bool backward;
    int wrong;
};

static void *score_often(void *context)
{
    struct thread *thread = context;

    pthread_barrier_wait(thread->start);
    for (int i = 0; i < REPEATS; i++) {
        float logits[COUNT][CLASSES] = {{0}};

        score_files(thread->scorer, thread->backward, logits);
        thread->wrong += memcmp(logits, expected, sizeof logits) != 0;
    }
    return NULL;
}

/* Two threads that share one classifier at the same time give the bits of one. */
static void two_threads(int threads)
{
    struct ic_classifier *classifier = open_classifier(threads, IC_FOLD_FOR_MANY);
    const struct ic_net *weights = ic_classifier_net(classifier);
    struct thread thread[2];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, 2);
    for (int i = 0; i < 2; i++) {
        thread[i] = (struct thread){
            .scorer = open_scorer(classifier), .start = &start, .backward = i == 1};
        if (pthread_create(&thread[i].thread, NULL, score_often, &thread[i]) != 0)
            exit(99);
    }
    for (int i = 0; i < 2; i++) {
        struct ic_net *net = ic_scorer_net(thread[i].scorer);

        pthread_join(thread[i].thread, NULL);
        CHECK_INT(thread[i].wrong, 0);
        CHECK(ic_net_params(net) == ic_net_params((struct ic_net *)weights));
        CHECK(ic_net_states(net) == ic_net_states((struct ic_net *)weights));
        CHECK_INT(ic_net_plan(net)->own_bytes, ic_net_plan(net)->activation_bytes);
    }
    CHECK(ic_net_output(ic_scorer_net(thread[0].scorer), 1) !=
          ic_net_output(ic_scorer_net(thread[1].scorer), 1));
    for (int i = 0; i < 2; i++)
        ic_scorer_close(thread[i].scorer);
    ic_classifier_close(classifier);
    pthread_barrier_destroy(&start);
}

/* --- memory -------------------------------------------------------------------- */

static size_t allocated, blocks, limit;

/* Reports the free memory, as a GPU does. */
static uint64_t count_limit(struct ic_device *device)
{
    return limit - allocated;
}

static ic_status count_alloc(struct ic_device *device, size_t bytes, void **ret_memory,
                             struct ic_error *e)
{
    allocated += bytes;
    blocks++;
    return ic_cpu_backend.alloc(device, bytes, ret_memory, e);
}

/* Three nets that share one set of weights take its bytes once, and give the bits of a
 * net with memory of its own. */
static void bytes_of_device(enum ic_fold fold)
{
    struct ic_backend backend = ic_cpu_backend;
    const struct ic_device_options device_options = {.threads = 1};
    struct ic_plan_options options = {.batch = BATCH};
    struct ic_net *whole, *weights, *beside[3], *fourth;
    struct ic_device *device;
    struct ic_graph graph;
    float logits[2][BATCH * CLASSES];
    uint8_t *rgb = check_alloc(BATCH * SIZE * SIZE, 3);
    size_t total, once, work;

    backend.alloc = count_alloc;
    backend.memory_limit = count_limit;
    limit = (size_t)1 << 40;
    for (int i = 0; i < BATCH * SIZE * SIZE * 3; i++)
        rgb[i] = (uint8_t)(i * i / 7);
    CHECK_OK(backend.open(&device_options, &device, &error));
    CHECK_OK(ic_model_build(&model, IC_CONV_AUTO, IC_TYPE_FP32, &graph, &error));
    CHECK_OK(ic_graph_fold(&graph, fold, &error));
    CHECK_OK(ic_net_open(&graph, &backend, device, &options, &whole, &error));
    total = ic_net_plan(whole)->total_bytes;
    work = ic_net_plan(whole)->activation_bytes;
    once = total - work;
    CHECK_INT(allocated, total);
    CHECK(ic_net_plan(whole)->packed_bytes > 0);
    CHECK_OK(ic_init_weights(whole, 5, &error));
    ic_net_pack_weights(whole);
    ic_net_input(whole, rgb, BATCH, model.mean, model.std);
    ic_net_forward(whole, false);
    ic_net_logits(whole, logits[0]);

    allocated = blocks = 0;
    limit = once + 3 * work;
    options.part = IC_PLAN_WEIGHTS;
    CHECK_OK(ic_net_open(&graph, &backend, device, &options, &weights, &error));
    CHECK_INT(allocated, once);
    CHECK_OK(ic_init_weights(weights, 5, &error));
    ic_net_pack_weights(weights);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(ic_net_open_beside(weights, device, &beside[i], &error));
        CHECK_INT(ic_net_plan(beside[i])->total_bytes, total);
        ic_net_input(beside[i], rgb, BATCH, model.mean, model.std);
        ic_net_forward(beside[i], false);
        ic_net_logits(beside[i], logits[1]);
        CHECK(memcmp(logits[0], logits[1], sizeof logits[0]) == 0);
    }
    CHECK_INT(allocated, once + 3 * work);
    CHECK_INT(blocks, 4);
    CHECK_FAILS(ic_net_open_beside(weights, device, &fourth, &error), IC_ERR_LIMIT,
                "a batch of 4 needs");
    CHECK(fourth == NULL);
    limit = total - 1 + allocated; /* one byte too few */
    CHECK_FAILS(ic_net_open(&graph, &backend, device, &options, &fourth, &error),
                IC_ERR_LIMIT, "a batch of 4 needs");
    for (int i = 0; i < 3; i++)
        ic_net_close(beside[i]);
    ic_net_close(weights);
    ic_net_close(whole);
    ic_graph_free(&graph);
    backend.close(device);
    free(rgb);
    allocated = 0;
}

/* --- hostile bytes ------------------------------------------------------------- */

static void refused(struct ic_scorer *scorer, const void *bytes, size_t size,
                    ic_status status, const char *words)
{
    CHECK_FAILS(ic_scorer_set_bytes(scorer, 1, bytes, size, "upload 17",
                                    IC_DECODE_EXACT, &error),
                status, words);
    CHECK(strstr(error.message, "upload 17") != NULL);
    CHECK(strpbrk(error.message, "\n\r\033") == NULL);
}

static void hostile(struct ic_scorer *scorer)
{
    static const uint8_t bomb[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x7f\xff\0\0\x7f\xff"
        "\x08\x02\0\0\0\xc6\x90\x91\x6a\0\0\0\0IDAT\x35\xaf\x06\x1e";
    uint8_t *bytes, noise[500];
    size_t size;

    CHECK_OK(ic_file_read(paths[0], 1 << 20, &bytes, &size, &error));
    refused(scorer, "", 0, IC_ERR_FORMAT, "is empty");
    refused(scorer, "<html>\033[2J", 10, IC_ERR_FORMAT, "is a web page");
    refused(scorer, bytes, size / 2, IC_ERR_FORMAT, "");
    refused(scorer, bytes, 3, IC_ERR_FORMAT, "");
    refused(scorer, bomb, sizeof bomb - 1, IC_ERR_LIMIT, "pixels");
    for (int i = 0; i < 500; i++)
        noise[i] = i < 3 ? bytes[i] : (uint8_t)(i * i * 31 + i / 3);
    refused(scorer, noise, sizeof noise, IC_ERR_FORMAT, "");
    CHECK_FAILS(ic_scorer_set_file(scorer, 1, "nowhere.jpg", IC_DECODE_EXACT, &error),
                IC_ERR_IO, "nowhere.jpg");
    free(bytes);
    memory(scorer); /* the scorer still works */
}

/* A model that is not opened is refused and leaves nothing allocated. */
/* Scorers compute as the classifier was asked to. */
static void how_to_compute(void)
{
    const struct ic_compute compute = {
        .device = "cpu", .conv = "im2col", .precision = "bf16", .threads = 1};
    char *path = folder_path(folder, "model.safetensors");
    const struct ic_model_source source = {.path = path};
    const struct ic_compute *found;
    struct ic_classifier *classifier = NULL;

    CHECK_OK(
        ic_classifier_open(&source, &compute, 1, IC_FOLD_FOR_ONE, &classifier, &error));
    if (classifier == NULL)
        exit(99);
    found = ic_classifier_compute(classifier);
    CHECK_STRING(found->device, "cpu");
    CHECK_STRING(found->conv, "im2col");
    CHECK_STRING(found->precision, "bf16");
    CHECK_INT(found->threads, 1);
    ic_classifier_close(classifier);
    free(path);
}

/* A safetensors file of one tensor, with this key among its metadata unless it is NULL.
 */
static void put_foreign(const char *path, const char *key)
{
    struct ic_safetensors_writer *writer = ic_safetensors_writer_new();
    const int64_t shape[] = {1};
    const float one = 1;

    ic_safetensors_add(writer, "x", IC_F32, 1, shape, &one);
    if (key != NULL)
        ic_safetensors_set_metadata(writer, key, "3");
    CHECK_OK(ic_safetensors_commit(writer, path, &error));
    ic_safetensors_writer_free(writer);
}

/* Files that hold no model, and options that contradict a file that does. */
static void wrong_files(void)
{
    char *foreign = folder_path(folder, "foreign.safetensors");
    char *own = folder_path(folder, "model.safetensors");
    const struct ic_model_source unknown = {.path = foreign},
                                 other_size = {.path = own, .size = 64};
    struct ic_trained_model file;

    put_foreign(foreign, NULL);
    CHECK_FAILS(ic_trained_model_open(&file, &unknown, &error), IC_ERR_USAGE,
                "does not record its network: give --arch");
    put_foreign(foreign, "checkpoint.version");
    CHECK_FAILS(ic_trained_model_open(&file, &unknown, &error), IC_ERR_USAGE,
                "is a checkpoint, which only train --resume reads");
    CHECK_FAILS(ic_trained_model_open(&file, &other_size, &error), IC_ERR_USAGE,
                "records that it is a resnet18 for 32 x 32 pixels");
    free(foreign);
    free(own);
}

/* Finite weights whose logits are not: refused, not scored. */
static void not_finite(void)
{
    const struct ic_engine_options options = {.compute = ic_compute_default,
                                              .plan = {.batch = 1}};
    char *path = folder_path(folder, "model.safetensors");
    struct ic_engine engine;
    struct ic_classifier *classifier;
    struct ic_scorer *scorer;
    float logits[CLASSES];

    CHECK_OK(ic_engine_open(&engine, &model, &options, &error));
    for (size_t i = 0; i < engine.graph.param_floats; i++)
        ic_net_params(engine.net)[i] = 1e30f;
    CHECK_OK(ic_model_file_save(path, &model, engine.net, 0, &error));
    ic_engine_close(&engine);
    classifier = open_classifier(1, IC_FOLD_FOR_MANY);
    scorer = open_scorer(classifier);
    CHECK_OK(ic_scorer_set_file(scorer, 0, paths[0], IC_DECODE_EXACT, &error));
    CHECK_FAILS(ic_scorer_run(scorer, 1, logits, &error), IC_ERR_NUMERIC, "");
    ic_scorer_close(scorer);
    ic_classifier_close(classifier);
    free(path);
}

static void refusals(void)
{
    char *missing = folder_path(folder, "missing.safetensors");
    char *there = folder_path(folder, "model.safetensors");
    struct ic_model_source source = {.path = missing};
    struct ic_compute compute = ic_compute_default;
    struct ic_classifier *classifier;

    CHECK_FAILS(
        ic_classifier_open(&source, &compute, 1, IC_FOLD_FOR_MANY, &classifier, &error),
        IC_ERR_IO, "missing.safetensors");
    CHECK(classifier == NULL);
    source.path = there;
    compute.device = "abacus";
    CHECK_FAILS(
        ic_classifier_open(&source, &compute, 1, IC_FOLD_FOR_MANY, &classifier, &error),
        IC_ERR_USAGE, "--device is abacus, must be cpu, cuda or reference");
    CHECK(classifier == NULL);
    ic_classifier_close(NULL);
    ic_scorer_close(NULL);
    free(missing);
    free(there);
}

int main(void)
{
    struct ic_classifier *classifier;
    struct ic_scorer *scorer;

    make_files();
    classifier = open_classifier(1, IC_FOLD_FOR_MANY);
    scorer = open_scorer(classifier);
    CHECK_STRING(ic_classifier_model(classifier)->classes[2], "2");
    score_files(scorer, false, expected);
    CHECK(memcmp(expected[0], expected[1], sizeof expected[0]) != 0);
    evaluation(scorer);
    any_batch(scorer);
    memory(scorer);
    pixels(scorer);
    hostile(scorer);
    ic_scorer_close(scorer);
    ic_classifier_close(classifier);
    two_threads(1);
    two_threads(2);
    bytes_of_device(IC_FOLD_FOR_MANY);
    bytes_of_device(IC_FOLD_FOR_ONE);
    how_to_compute();
    wrong_files();
    refusals();
    not_finite();
    ic_model_free(&model);
    for (int i = 0; i < COUNT; i++)
        free(paths[i]);
    folder_remove(folder);
    return check_result();
}
