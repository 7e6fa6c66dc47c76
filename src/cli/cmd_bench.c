/* SPDX-License-Identifier: MIT */
/*
 * im2cat bench: measures how fast this machine trains and infers, on random pictures,
 * against the peak of its processor. Figures are medians over the steps.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/measure.h"
#include "base/machine.h"
#include "base/median.h"
#include "cli/bench_step.h"
#include "cli/busy.h"
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "cli/team.h"
#include "graph/op.h"
#include "train/ranks.h"

#define WARM_UP 2 /* steps that do not count */

/* `all`, then the names of enum ic_bench_mode. */
static const char *const modes[] = {"all", "train", "frozen", "infer", NULL};

static const struct ic_option table[] = {
    IC_OPTION(struct ic_bench_options, "arch", arch, .choices = ic_words_arch,
              .fallback = "resnet34", .help = "the network"),
    IC_OPTION(struct ic_bench_options, "head", head, .choices = ic_words_head,
              .fallback = "plain", .help = "the network's last layers"),
    IC_OPTION_BATCH_AT_A_TIME(struct ic_bench_options, batch, "16"),
    IC_OPTION(struct ic_bench_options, "size", size, .value = "N", .fallback = "224",
              .min = 32, .max = 4096, .help = "side of the pictures, in pixels"),
    IC_OPTION(struct ic_bench_options, "mode", mode, .choices = modes,
              .fallback = "all",
              .help = "what to measure; frozen: training with the body's convolutions "
                      "frozen; all: train and infer"),
    IC_OPTION(struct ic_bench_options, "steps", steps, .value = "N", .fallback = "10",
              .min = 1, .max = 10000,
              .help = "batches to time, after 2 for warming up"),
    IC_OPTION(struct ic_bench_options, "layers", layers,
              .help = "adds a table with one row per layer and pass",
              .more = "A row holds the time in milliseconds, the operations per second "
                      "(counted as the direct algorithm would need them), the "
                      "algorithm, and the number of tasks that the work is cut into: a "
                      "kernel with fewer tasks than threads leaves threads idle."),
    IC_OPTION(struct ic_bench_options, "busy", busy, .value = "N", .fallback = "0",
              .min = 0, .max = 64, .help = "endless loops to run beside each thread",
              .more = "The loops stand for other work on the machine: with N loops per "
                      "core, the threads get 1 / (N + 1) of its time, and the rates "
                      "should fall no further than that."),
    IC_OPTION_MICRO_BATCH(struct ic_bench_options, micro_batch, .fallback = "0",
                          .help = "training: pictures computed at a time; 0: all, or "
                                  "with several processes an equal part for each"),
    IC_COMPUTE_OPTIONS(struct ic_bench_options, compute),
    IC_RANKS_OPTIONS(struct ic_bench_options, comm, "train"),
    {0}};

static ic_status join(const struct ic_options *options, struct ic_error *error)
{
    const struct ic_bench_options *asked = options->values;

    return ic_team_join(&asked->comm, error);
}

/* Billions of operations of one picture's forward pass; a multiply-add counts as two.
 */
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

/* Training takes the forward pass and two backward passes of the same cost each, of
 * which a frozen convolution needs one. Winograd and similar algorithms do fewer
 * operations; the figure then counts those of a direct algorithm. */
static void print_rates(const struct ic_bench *bench,
                        const double medians[IC_BENCH_PHASES])
{
    static const int passes[IC_BENCH_MODES] = {3, 2, 1};
    const char *name = modes[1 + bench->mode];
    const double rate = bench->options->batch / medians[IC_BENCH_OF_STEP];

    printf("%s_images_per_second %.2f\n", name, rate);
    printf("%s_gflops %.1f\n", name,
           rate * forward_gflop(&bench->engine.graph) * passes[bench->mode]);
    if (bench->mode != IC_BENCH_INFER) {
        printf("%s_input_seconds %.4f\n", name, medians[IC_BENCH_OF_INPUT]);
        printf("%s_forward_seconds %.4f\n", name, medians[IC_BENCH_OF_FORWARD]);
        printf("%s_backward_seconds %.4f\n", name, medians[IC_BENCH_OF_BACKWARD]);
        if (ic_comm_size(ic_team_comm()) > 1) {
            printf("%s_waiting_seconds %.4f\n", name, medians[IC_BENCH_OF_WAITING]);
            printf("%s_exchange_seconds %.4f\n", name, medians[IC_BENCH_OF_EXCHANGE]);
        }
        printf("%s_update_seconds %.4f\n", name, medians[IC_BENCH_OF_UPDATE]);
    }
    fflush(stdout);
}

/* The pictures of a step that this process computes. */
static int pictures_of(const struct ic_bench *bench)
{
    const struct ic_stretch own = ic_bench_own(bench);

    return bench->mode == IC_BENCH_INFER ? bench->options->batch
                                         : (int)(own.end - own.first);
}

/* Times as many steps as asked, after a warm-up. The rows of layers go to `layers`,
 * unless it is NULL. */
static ic_status measure(const struct ic_bench_options *asked, enum ic_bench_mode mode,
                         FILE *layers, struct ic_error *error)
{
    const size_t steps = (size_t)asked->steps;
    double *times = calloc(steps * IC_BENCH_PHASES, sizeof *times);
    double seconds[IC_BENCH_PHASES], medians[IC_BENCH_PHASES];
    struct ic_bench bench = {.options = asked, .mode = mode};
    ic_status status;

    if (times == NULL)
        return ic_fail_memory(error, "times", steps * IC_BENCH_PHASES * sizeof *times);
    status = ic_bench_open(&bench, error);
    status = ic_comm_agree(ic_team_comm(), status, NULL, error);
    for (int i = -WARM_UP; i < asked->steps && status == IC_OK; i++) {
        if (i == 0 && layers != NULL)
            status = ic_bench_layers_open(&bench.engine, pictures_of(&bench),
                                          asked->steps, &bench.layers, error);
        if (bench.layers != NULL)
            ic_bench_layers_step(bench.layers, i);
        if (status == IC_OK)
            status = ic_bench_step(&bench, seconds, error);
        for (int p = 0; p < IC_BENCH_PHASES && i >= 0; p++)
            times[(size_t)p * steps + (size_t)i] = seconds[p];
    }
    if (status == IC_OK) {
        for (int p = 0; p < IC_BENCH_PHASES; p++)
            medians[p] = ic_median(times + (size_t)p * steps, steps);
        if (ic_team_speaks())
            print_rates(&bench, medians);
    }
    if (status == IC_OK && layers != NULL)
        ic_bench_layers_write(bench.layers, layers);
    ic_bench_close(&bench);
    free(times);
    return status;
}

/* Prints the device in its own words, then what is measured on it. */
static ic_status print_setting(const struct ic_bench_options *asked,
                               struct ic_error *error)
{
    const struct ic_backend *backend;
    struct ic_device *device;
    enum ic_conv_algorithm algorithm;
    enum ic_type type;
    const ic_status status =
        ic_compute_open(&asked->compute, &backend, &device, &algorithm, &type, error);

    if (status != IC_OK)
        return status;
    printf("device %s\n", backend->describe(device));
    printf("arch %s\nbatch %d\nmicro_batch %d\nsize %d\nthreads %d\n", asked->arch,
           asked->batch, asked->micro_batch, asked->size, asked->compute.threads);
    if (asked->busy > 0)
        printf("busy_loops %d\n", asked->busy * asked->compute.threads);
    if (ic_comm_size(ic_team_comm()) > 1)
        printf("ranks %d, by %s\n", ic_comm_size(ic_team_comm()),
               ic_comm_describe(ic_team_comm()));
    fflush(stdout);
    backend->close(device);
    return IC_OK;
}

/* Prints the processor's peak figures. */
static void print_peaks(int threads)
{
    printf("peak_rss_mib %.1f\n", (double)ic_machine_peak_rss() / (1 << 20));
    printf("fma_peak_gflops %.1f\n", ic_cpu_measure_fma(threads));
    printf("sgemm_gflops %.1f\n", ic_cpu_measure_sgemm(threads));
    printf("memory_gbytes_per_second %.1f\n", ic_cpu_measure_memory(threads));
}

/* Whether a mode was asked for. Ranks share a training step, but each infers on its
 * own. */
static bool chosen(const char *asked, enum ic_bench_mode mode)
{
    if (strcmp(asked, modes[1 + mode]) == 0)
        return true;
    return strcmp(asked, modes[0]) == 0 && mode != IC_BENCH_FROZEN &&
           (mode == IC_BENCH_TRAIN || ic_comm_size(ic_team_comm()) == 1);
}

/* Sets what depends on ranks and cores where the options leave it open. */
static ic_status complete(struct ic_bench_options *asked, struct ic_error *error)
{
    struct ic_comm *comm = ic_team_comm();
    const int ranks = ic_comm_size(comm);
    ic_status status = ic_ranks_threads(comm, &asked->compute.threads, error);

    if (status == IC_OK && ranks > 1 && strcmp(asked->mode, "infer") == 0)
        status = ic_fail(error, IC_ERR_USAGE,
                         "--mode infer cannot be combined with --distributed: ranks "
                         "share only the steps of training");
    if (status == IC_OK)
        status = ic_ranks_cut_batch(ranks, asked->batch, &asked->micro_batch, error);
    if (asked->micro_batch > asked->batch)
        asked->micro_batch = asked->batch;
    asked->compute.ordinal = ic_comm_local_rank(comm);
    return ic_comm_agree(comm, status, NULL, error);
}

/* Measures all modes that are asked for, on a machine as busy as asked. */
static ic_status measure_modes(const struct ic_bench_options *asked, FILE *layers,
                               struct ic_error *error)
{
    struct ic_busy busy = {0};
    ic_status status =
        ic_busy_start(&busy, asked->busy * asked->compute.threads, error);

    for (int mode = 0; mode < IC_BENCH_MODES && status == IC_OK; mode++)
        if (chosen(asked->mode, mode))
            status = measure(asked, mode, layers, error);
    ic_busy_stop(&busy);
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    struct ic_bench_options *asked = options->values;
    const bool speaks = ic_team_speaks();
    ic_status status = complete(asked, error);
    FILE *layers = NULL;
    char *text = NULL;
    size_t size = 0;

    if (status == IC_OK && speaks)
        status = print_setting(asked, error);
    if (status == IC_OK && asked->layers) {
        layers = open_memstream(&text, &size);
        if (layers == NULL)
            status = ic_fail_memory(error, "the table of layers", 0);
    }
    if (status == IC_OK)
        status = measure_modes(asked, layers, error);
    if (status == IC_OK && speaks)
        print_peaks(asked->compute.threads);
    if (layers != NULL && fclose(layers) != 0 && status == IC_OK)
        status = ic_fail_memory(error, "the table of layers", size);
    if (status == IC_OK && layers != NULL && speaks) {
        putchar('\n');
        ic_bench_layers_head(stdout);
        fputs(text, stdout);
    }
    free(text);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_bench = {
    .name = "bench",
    .summary = "measures the speed of training and inference",
    .operands = "",
    .text =
        "Trains and infers on random pictures and prints `key value` lines: pictures "
        "per second, operations per second (as a direct convolution would need them), "
        "the time of each part of a training step, and peak memory; and beside them "
        "the limits of the processor: its peak of multiply-adds, its rate of matrix "
        "products and its memory bandwidth. --layers adds a table with one row per "
        "layer and pass: the time, the operations per second, the algorithm, and the "
        "number of tasks that the work is cut into.\n",
    .options = table,
    .values_size = sizeof(struct ic_bench_options),
    .join = join,
    .run = run,
};
