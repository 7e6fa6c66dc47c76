/*
 * im2cat bench: how fast this machine trains and infers, on random pictures, beside
 * what its processor could do at most. Figures are medians over the steps.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/measure.h"
#include "base/machine.h"
#include "base/random.h"
#include "cli/classifier.h"
#include "cli/commands.h"
#include "graph/op.h"
#include "model/init.h"
#include "train/optimizer.h"

#define WARM_UP 2 /* steps that do not count */
#define CLASSES 37

struct bench_options {
    const char *arch, *device, *conv, *mode;
    int batch, size, threads, steps;
};

static const char *const modes[] = {"all", "train", "infer", NULL};

static const struct ic_option table[] = {
    IC_OPTION(struct bench_options, "arch", arch, .choices = ic_words_arch,
              .fallback = "resnet34", .help = "the network"),
    IC_OPTION_BATCH(struct bench_options, batch, "16"),
    IC_OPTION(struct bench_options, "size", size, .value = "N", .fallback = "224",
              .min = 32, .max = 4096, .help = "side of the pictures, in pixels"),
    IC_OPTION(struct bench_options, "mode", mode, .choices = modes, .fallback = "all",
              .help = "what is measured"),
    IC_OPTION(struct bench_options, "steps", steps, .value = "N", .fallback = "10",
              .min = 1, .max = 10000, .help = "batches that are timed, after 2 more"),
    IC_OPTION_CONV(struct bench_options, conv),
    IC_OPTION_DEVICE(struct bench_options, device),
    IC_OPTION_THREADS(struct bench_options, threads),
    {0}};

/* One network on one random batch. */
struct bench {
    const struct bench_options *options;
    struct ic_model model;
    struct ic_engine engine;
    struct ic_optimizer optimizer;
    uint8_t *rgb;
    int32_t *labels;
    float *logits;
};

enum phase { FORWARD, BACKWARD, UPDATE, STEP, PHASES };

static void draw_batch(struct bench *bench, size_t bytes)
{
    struct ic_random random;

    ic_random_init(&random, 42, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < bytes; i++)
        bench->rgb[i] = (uint8_t)(ic_random_u32(&random) >> 24);
    for (int i = 0; i < bench->options->batch; i++)
        bench->labels[i] = (int32_t)ic_random_below(&random, CLASSES);
}

static ic_status open_bench(struct bench *bench, bool training, struct ic_error *error)
{
    const struct bench_options *asked = bench->options;
    const struct ic_engine_options engine = {
        .device = asked->device,
        .conv = asked->conv,
        .threads = ic_classifier_threads(asked->threads),
        .plan = {.batch = asked->batch,
                 .training = training,
                 .slots = training ? ic_optimizer_slots(IC_OPTIMIZER_ADAM) : 0},
        .fold = !training,
    };
    const size_t count = (size_t)asked->batch;
    const size_t bytes = count * (size_t)asked->size * (size_t)asked->size * 3;
    ic_status status = ic_model_init(&bench->model, asked->arch, "plain", NULL, CLASSES,
                                     "folder", asked->size, IC_FIT_CROP, error);

    if (status == IC_OK)
        status = ic_engine_open(&bench->engine, &bench->model, &engine, error);
    if (status == IC_OK)
        status = ic_init_weights(bench->engine.net, 42, error);
    if (status == IC_OK)
        ic_net_prepare(bench->engine.net);
    if (status == IC_OK && training)
        status =
            ic_optimizer_open(&bench->optimizer, &bench->engine.graph,
                              IC_OPTIMIZER_ADAM, 0.01, (struct ic_freeze){0}, error);
    if (status != IC_OK)
        return status;
    bench->rgb = malloc(bytes);
    bench->labels = calloc(count, sizeof *bench->labels);
    bench->logits = calloc(count * CLASSES, sizeof *bench->logits);
    if (bench->rgb == NULL || bench->labels == NULL || bench->logits == NULL)
        return ic_fail_memory(error, "a batch", bytes);
    draw_batch(bench, bytes);
    return IC_OK;
}

static void close_bench(struct bench *bench)
{
    free(bench->rgb);
    free(bench->labels);
    free(bench->logits);
    ic_optimizer_close(&bench->optimizer);
    ic_engine_close(&bench->engine);
    ic_model_free(&bench->model);
}

/* Each waits until the device has done it. */
static ic_status train_step(struct bench *bench, double seconds[PHASES],
                            struct ic_error *error)
{
    const struct ic_rates rates = {.lr = {1e-4, 1e-4, 1e-4}, .momentum = 0.9};
    struct ic_net *net = bench->engine.net;
    const struct ic_backend *backend = bench->engine.backend;
    const double start = ic_machine_seconds();
    double forward, backward, end;
    ic_status status;

    ic_net_input(net, bench->rgb, bench->options->batch, bench->model.mean,
                 bench->model.std);
    ic_net_forward(net, true);
    ic_net_loss(net, bench->labels, 0, true, NULL);
    forward = ic_machine_seconds();
    ic_net_backward(net);
    status = backend->sync(bench->engine.device, error);
    backward = ic_machine_seconds();
    ic_optimizer_step(&bench->optimizer, net, &rates, 1);
    if (status == IC_OK)
        status = backend->sync(bench->engine.device, error);
    end = ic_machine_seconds();
    seconds[FORWARD] = forward - start;
    seconds[BACKWARD] = backward - forward;
    seconds[UPDATE] = end - backward;
    seconds[STEP] = end - start;
    return status;
}

static ic_status infer_step(struct bench *bench, double seconds[PHASES],
                            struct ic_error *error)
{
    struct ic_net *net = bench->engine.net;
    const double start = ic_machine_seconds();

    ic_net_input(net, bench->rgb, bench->options->batch, bench->model.mean,
                 bench->model.std);
    ic_net_forward(net, false);
    ic_net_logits(net, bench->logits);
    seconds[STEP] = ic_machine_seconds() - start;
    return bench->engine.backend->sync(bench->engine.device, error);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The middle of `count` times that stand PHASES apart; sorts a copy of them. */
static double median(double *copy, const double *times, int count)
{
    for (int i = 0; i < count; i++)
        copy[i] = times[i * PHASES];
    qsort(copy, (size_t)count, sizeof *copy, compare);
    return (copy[(count - 1) / 2] + copy[count / 2]) / 2;
}

/* Billions of operations of one picture's forward pass, a multiply-add being two. */
static double forward_gflop(const struct ic_graph *graph)
{
    double macs = 0;

    for (int i = 1; i < graph->count; i++) {
        const struct ic_node *node = &graph->nodes[i];
        if (node->op->gemm != NULL) {
            const struct ic_gemm_size size =
                node->op->gemm(node, graph->nodes[node->inputs[0]].out);
            macs += (double)(size.m * size.n * size.k);
        }
    }
    return 2e-9 * macs;
}

/* Training takes the forward pass and two passes of the same cost backward. Winograd
 * and its like do fewer operations: then the figure is what a direct algorithm needs.
 */
static void print_rates(const struct bench *bench, bool training,
                        const double medians[PHASES])
{
    const char *name = training ? "train" : "infer";
    const double rate = bench->options->batch / medians[STEP];

    printf("%s_images_per_second %.2f\n", name, rate);
    printf("%s_gflops %.1f\n", name,
           rate * forward_gflop(&bench->engine.graph) * (training ? 3 : 1));
    if (training) {
        printf("train_forward_seconds %.4f\n", medians[FORWARD]);
        printf("train_backward_seconds %.4f\n", medians[BACKWARD]);
        printf("train_update_seconds %.4f\n", medians[UPDATE]);
    }
    fflush(stdout);
}

static ic_status measure(const struct bench_options *asked, bool training,
                         struct ic_error *error)
{
    struct bench bench = {.options = asked};
    double *times = calloc((size_t)asked->steps * (PHASES + 1), sizeof *times);
    double *copy = times + (size_t)asked->steps * PHASES, medians[PHASES];
    ic_status status;

    if (times == NULL)
        return ic_fail_memory(error, "times", (size_t)asked->steps);
    status = open_bench(&bench, training, error);
    for (int i = -WARM_UP; i < asked->steps && status == IC_OK; i++) {
        double *row = times + (size_t)(i < 0 ? 0 : i) * PHASES;
        status =
            training ? train_step(&bench, row, error) : infer_step(&bench, row, error);
    }
    if (status == IC_OK) {
        for (int p = 0; p < PHASES; p++)
            medians[p] = median(copy, times + p, asked->steps);
        print_rates(&bench, training, medians);
    }
    close_bench(&bench);
    free(times);
    return status;
}

/* The device in its own words, then what is measured on it. */
static ic_status print_setting(const struct bench_options *asked,
                               struct ic_error *error)
{
    const struct ic_device_options options = {
        .threads = ic_classifier_threads(asked->threads)};
    const struct ic_backend *backend;
    struct ic_device *device = NULL;
    ic_status status = ic_backend_find(asked->device, &backend, error);

    if (status == IC_OK)
        status = backend->open(&options, &device, error);
    if (status != IC_OK)
        return status;
    printf("device %s\n", backend->describe(device));
    printf("arch %s\nbatch %d\nsize %d\nthreads %d\n", asked->arch, asked->batch,
           asked->size, options.threads);
    fflush(stdout);
    backend->close(device);
    return IC_OK;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct bench_options *asked = options->values;
    const int threads = ic_classifier_threads(asked->threads);
    ic_status status = print_setting(asked, error);

    if (status == IC_OK && strcmp(asked->mode, "infer") != 0)
        status = measure(asked, true, error);
    if (status == IC_OK && strcmp(asked->mode, "train") != 0)
        status = measure(asked, false, error);
    if (status != IC_OK)
        return IC_EXIT_FAILED;
    printf("peak_rss_mib %.1f\n", (double)ic_machine_peak_rss() / (1 << 20));
    printf("fma_peak_gflops %.1f\n", ic_cpu_measure_fma(threads));
    printf("sgemm_gflops %.1f\n", ic_cpu_measure_sgemm(threads));
    return IC_EXIT_DONE;
}

const struct ic_command ic_cmd_bench = {
    .name = "bench",
    .summary = "measures the speed of training and of inference",
    .operands = "",
    .text =
        "Trains and infers on random pictures and prints `key value` lines: pictures "
        "a second, operations a second (as a direct convolution would need them), "
        "the time of each part of a training step, peak memory; and beside them "
        "what the processor can do at most: its peak of multiply-adds and its rate "
        "of matrix products.\n",
    .options = table,
    .values_size = sizeof(struct bench_options),
    .run = run,
};
